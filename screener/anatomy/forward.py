"""Where something stands next, asked with rising offsets: however often it is asked, each octet is looked at once."""

import re

NEVER = 1 << 62  # an offset behind every text


class Next:
    """The places of a pattern in a text, one after the other."""

    __slots__ = ("_at", "_pattern", "_text")

    def __init__(self, pattern: re.Pattern[bytes], text: bytes) -> None:
        self._pattern = pattern
        self._text = text
        self._at = -1

    def after(self, start: int) -> int:
        """The offset of the first match from `start` on, NEVER where there is none. `start` is none smaller than before."""
        if self._at < start:
            match = self._pattern.search(self._text, start)
            self._at = NEVER if match is None else match.start()
        return self._at
