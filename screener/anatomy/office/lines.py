"""The texts of a binary document, a line each. Pure."""

from collections.abc import Iterable

EACH = 16  # characters that a text counts as at least, because each costs


def joined(texts: Iterable[str], limit: int) -> str:
    """At most so many characters of them; no more texts are asked for than that takes."""
    out: list[str] = []
    left = limit
    for text in texts:
        out.append(text[:left])
        left -= max(EACH, len(text) + 1)
        if left <= 0:
            break
    return "\n".join(out)
