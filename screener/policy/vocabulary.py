"""What the automaton of a rule set is to look for, gathered while the rules are read."""

from dataclasses import field

from screener.anatomy.text import normalise
from screener.frozen import dataclass
from screener.policy import homoglyphs
from screener.policy.folding import fold


@dataclass(slots=True)
class Vocabulary:
    """Gathers what the automaton of a rule set looks for, while the rules are read."""

    needles: dict[bytes, int] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)  # needles some rule wants as whole words
    shapes: dict[bytes, int] = field(default_factory=dict)  # numbered below zero
    homoglyphs: bool = False  # of rules for which letters that look alike are one

    def add(self, folded: str, *, whole: bool = False) -> int:
        """The number of a needle (already folded)."""
        number = self.needles.setdefault(folded.encode("utf-8", "surrogatepass"), len(self.needles))
        if whole:
            self.whole.add(number)
        return number

    def add_shape(self, shape: str) -> int:
        """The number of a shape."""
        return self.shapes.setdefault(shape.encode("ascii"), -1 - len(self.shapes))

    def entry(self, text: str, *, whole: bool) -> int:
        """The number of a word or substring as an admin wrote it; raises ValueError where nothing of it is left."""
        folded = fold(normalise(text))
        if not folded:
            raise ValueError(f"{text[:80]!a} has nothing to look for")
        return self.add(folded, whole=whole)

    def entries(self, text: str, *, whole: bool) -> tuple[int, ...]:
        """All numbers of it, each of which is enough: with homoglyphs, that of its skeleton too."""
        number = self.entry(text, whole=whole)
        if not self.homoglyphs:
            return (number,)
        return (number, self.add(fold(homoglyphs.skeletons(normalise(text))[0]), whole=whole))
