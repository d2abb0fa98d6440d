"""Streams of a PDF that may or may not be encrypted, as readers do not agree whether its trailers say so.

Promises: bounded by sizes of the file and the ledger, never raises.
"""

from dataclasses import replace

from screener.anatomy import filetype
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import elsewhere
from screener.anatomy.pdf.filters import Unfiltered
from screener.anatomy.pdf.streams import Stream

_HEAD = 2_048  # octets that tell noise from what is something
_FACTOR, _FLOOR = 4, 64 * 1024  # octets that may be read for it, in sizes of the file
_LEAST = 64  # octets that reading any costs as much as
_LONG, _SHORT = 128, 32  # octets of noise that are never a text; that may be one but for a quarter of them
_ASCII = bytes(range(128))


def settle(octets: bytes, streams: list[Stream], told: list[Stream], plain: bytes, ledger: Ledger, place: str) -> bool:
    """Have each stream read as it is something, plainly where that is in no way; whether one needs the key.

    That is ambiguous, but in a file in this one, which has a trailer of its own, where it is nothing without the key.
    """
    elsewhere.settle(told, plain, ledger, place)
    needed = False
    left = _FACTOR * len(octets) + _FLOOR
    for stream in streams:
        if None not in stream.ciphers or len(stream.ciphers) < 2 or not stream.size:
            continue
        if left <= 0 or (stream.is_stepped and ledger.steps_left <= 0):
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
            return True
        bare, *sealed = sorted(stream.ciphers, key=lambda one: one is not None)
        are: list[bool] = []
        for cipher in (bare, *sealed):
            one = replace(stream, ciphers=(cipher,))
            one.packing = stream.packing
            found = one.content(octets, _HEAD, ledger.steps_left)
            ledger.spend_steps(found.steps, place)
            left -= found.consumed + _LEAST
            are.append(_is_something(stream, found))
        likely = [cipher for cipher, is_it in zip(sealed, are[1:], strict=True) if is_it]
        stream.ciphers = (*likely, bare, *[cipher for cipher in sealed if cipher not in likely])
        needed = needed or (any(are[1:]) and (are[0] or not stream.is_within))
    if needed:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    return needed


def _is_something(stream: Stream, found: Unfiltered) -> bool:
    """Whether what comes out is not noise: that may be short and look like a text."""
    content = found.content
    if any(one.name in (b"FlateDecode", b"Fl") for one in stream.filters) and not found.is_damaged:
        return bool(content)
    types = filetype.identify(content).types
    if len(content) >= _LONG or any(not one.startswith("text/") for one in types):
        return bool(types)
    high = len(content.translate(None, _ASCII))
    return bool(types) and high <= (len(content) // 4 if len(content) >= _SHORT else 0)
