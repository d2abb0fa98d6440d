"""Values as people write them: "25 MiB", "5 days", "> 1 MB". Pure; every error says what was expected."""

import math
import re

from screener.frozen import dataclass

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(octets?|bytes?|B|KB|MB|GB|TB|KiB|MiB|GiB|TiB|K|M|G)?", re.IGNORECASE)
_SIZE_UNITS = {
    "": 1,
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "octet": 1,
    "octets": 1,
    "k": 1024,
    "m": 1024**2,
    "g": 1024**3,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}
_DURATION = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([a-z]*)", re.IGNORECASE)
_DURATION_UNITS = {
    "": 1.0,
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
    "week": 604800.0,
    "weeks": 604800.0,
}
_COMPARISON = re.compile(r"(<=|>=|<|>|=)?\s*(.+)")


def size(text: str) -> int:
    """Octets of "25 MiB", "1 MB" (10^6), "512" …; raises ValueError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no size: expected a number and a unit, such as "25 MiB" or "300 KB"')
    return int(float(match[1]) * _SIZE_UNITS[(match[2] or "").lower()])


def duration(text: str) -> float:
    """Seconds of "5 days", "15 min", "500 ms", "30" …; raises ValueError."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match[2].lower() not in _DURATION_UNITS:
        raise ValueError(f'{text!r} is no time: expected a number and a unit, such as "15 min", "12 h" or "5 days"')
    return float(match[1]) * _DURATION_UNITS[match[2].lower()]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with a number: "> 1 MB", "<= 3", "5" (equal)."""

    operator: str
    value: int

    def holds(self, number: int) -> bool:
        """Whether `number operator value`."""
        match self.operator:
            case ">":
                return number > self.value
            case ">=":
                return number >= self.value
            case "<":
                return number < self.value
            case "<=":
                return number <= self.value
            case _:
                return number == self.value

    def covers(self, other: "Comparison") -> bool:
        """Whether every whole number of which `other` holds is one of which this holds."""
        low, high = self._span()
        other_low, other_high = other._span()
        return low <= other_low and other_high <= high

    def _span(self) -> tuple[float, float]:
        match self.operator:
            case ">":
                return self.value + 1, math.inf
            case ">=":
                return self.value, math.inf
            case "<":
                return -math.inf, self.value - 1
            case "<=":
                return -math.inf, self.value
            case _:
                return self.value, self.value

    def __str__(self) -> str:
        return f"{self.operator} {self.value}"


def comparison(text: str, unit: str = "count") -> Comparison:
    """Read "> 1 MB" (unit "size") or ">= 3" (unit "count"); raises ValueError."""
    match = _COMPARISON.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no comparison: expected one such as "> {"1 MB" if unit == "size" else "3"}"')
    if unit == "size":
        value = size(match[2])
    elif match[2].isascii() and match[2].isdigit() and len(match[2]) <= 15:
        value = int(match[2])
    else:
        raise ValueError(f'{text!r} is no comparison: expected an operator and a whole number, such as "> 3"')
    return Comparison(match[1] or "=", value)


def shown_size(octets: int) -> str:
    """For people: "1.5 MiB"."""
    value = float(octets)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{octets} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def shown_duration(seconds: float) -> str:
    """For people: the two largest units, "2 d 3 h", "45 s"."""
    whole = int(seconds)
    if whole < 1:
        return f"{seconds * 1000:.0f} ms"
    parts = []
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, whole = divmod(whole, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
