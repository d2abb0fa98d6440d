"""The streams of a PDF unpacked for its text.

Promises: within the ledger's budget and the sizes here, never raises; where more would be read, a defect says so.
"""

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf.streams import Stream

# Octets that may be unpacked, in sizes of the file: the data of one stream may go on over others.
_FACTOR = 4
_FLOOR = 64 * 1024


def most_packed(octets: bytes) -> int:
    """Octets of a PDF that may be unpacked."""
    return _FACTOR * len(octets) + _FLOOR


class Unpacking:
    """Gives the octets of each stream; `left`: what all of them may unpack to, `is_within`: streams within others are encrypted."""

    def __init__(self, octets: bytes, left: int, is_encrypted: bool, is_within: bool, ledger: Ledger, place: str) -> None:
        self.within: dict[int, bytes] = {}  # streams, by where they start, whose deflated data go on behind them: up to their ends
        self._octets = octets
        self._packed_left = most_packed(octets)
        self._left = left
        self._is_encrypted, self._is_within = is_encrypted, is_within
        self._ledger, self._place = ledger, place
        self._is_cut = False

    def __call__(self, stream: Stream) -> bytes:
        """What is in it, as far as it may be read."""
        ledger = self._ledger
        steps = max(0, ledger.steps_left - 1)  # that text of them is too much makes no mail unreadable
        text_left = ledger.document_text_left + (not self._is_cut)  # one more octet tells that there are more
        most = max(0, min(text_left, ledger.unpacked_left - 1, self._left))
        if self._packed_left <= 0 or most == 0 or (stream.is_stepped and not steps):
            self.cut()
            return b""
        unfiltered = stream.content(self._octets, most, steps)
        if unfiltered.is_damaged and not unfiltered.content:
            unfiltered = stream.headless().content(self._octets, most, steps)
            if unfiltered.is_damaged and not (self._is_encrypted or (stream.is_within and self._is_within)):
                self.cut()
        elif unfiltered.is_damaged and stream.is_in_ascii:
            self.cut()  # readers may read on behind the damage
        self._packed_left -= unfiltered.consumed
        content = unfiltered.content
        if unfiltered.consumed > stream.size and stream.start not in self.within:
            self._packed_left -= stream.size
            self.within[stream.start] = stream.content(memoryview(self._octets)[: stream.end], most, steps).content
            self._left -= len(self.within[stream.start])
        self._left -= len(content)
        if unfiltered.is_cut or stream.is_told_twice or (stream.is_stepped and unfiltered.steps >= steps):
            self.cut()
        ledger.spend_steps(unfiltered.steps, self._place)
        ledger.spend_document(len(content))
        ledger.spend_unpacked(len(content), self._place)
        granted = ledger.spend_document_text(len(content), self._place)
        self._is_cut = self._is_cut or granted < len(content)
        return content[:granted]

    def cut(self) -> None:
        """Tell that not all is read."""
        self._is_cut = True
        self._ledger.note(Defect.TEXT_TRUNCATED, self._place)
