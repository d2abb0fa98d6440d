"""How long patterns may run; beyond it a mail counts as not judged."""

from screener.frozen import dataclass


@dataclass(frozen=True, slots=True)
class PatternTime:
    """Seconds: of one pattern on one text, and of all patterns on one mail."""

    call: float = 0.05
    mail: float = 1.0
    factor: float = 1.0  # how many times as long as the settings say

    def times(self, factor: float) -> "PatternTime":
        """So many times as long, for a mail that is tried once more."""
        return PatternTime(self.call * factor, self.mail * factor, self.factor * factor)


USUAL = PatternTime()
