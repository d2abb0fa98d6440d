"""File names as a desktop takes them, and every ending they may have.

Promises: pure, bounded by the number and length of the names. A name is kept as it came, and in the form Windows and people
take it: compatibility forms composed (NFKC), format characters gone, cut at NUL, no path, no trailing dots and blanks, no stream,
none of the characters that Windows refuses.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from screener.anatomy import charsets
from screener.anatomy.mime import encoded_words
from screener.anatomy.text import IGNORABLE

MAX_NAME = 1_024  # characters of a name that are looked at: its beginning and its end
_PLAIN = re.compile(r"[A-Za-z0-9_ ()-]+(?:\.[A-Za-z0-9_ ()-]*[A-Za-z0-9_()-])*")
_PATH = re.compile(r"[/\\]+")
_STREAM = re.compile(r"[A-Za-z0-9$]*+")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|^[\w.:-]{2,40}'[\w-]{0,16}'")  # as in RFC 2231 4
_REFUSED = re.compile(r"[<>\"|?*]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
MAX_EXTENSION = 32
_CHARSETS = ("cp1252", "cp437")  # of names in archives that are not UTF-8


def forms(candidates: Iterable[str], limit: int) -> tuple[str, ...]:
    """The candidates and their normal forms, without doubles and empty ones, at most `limit` (0: none left out is unknown)."""
    found: dict[str, None] = {}
    for name in candidates:
        if len(found) >= limit:
            break
        name = name.strip()
        if len(name) > MAX_NAME:
            name = name[: MAX_NAME // 2] + name[-MAX_NAME // 2 :]
        if not name:
            continue
        found.setdefault(name)
        if _PLAIN.fullmatch(name) is None:
            for form in _normal(name):
                found.setdefault(form)
    return tuple(found)[:limit]


def _normal(name: str) -> list[str]:
    shown = unicodedata.normalize("NFKC", name)
    bare = IGNORABLE.sub("", shown)
    cut = bare.partition("\0")[0]
    found = []
    for form in (bare, cut):
        form = _CONTROLS.sub("", form)
        last = next((piece for piece in reversed(_PATH.split(form)) if piece.strip(" .\t")), "")
        last = _without_stream(last).strip().rstrip(". \t")
        if last:
            found.append(last)
    if found and _REFUSED.search(found[-1]) is not None:  # browsers put nothing or a blank for them, and cut that off at the end
        found.append(_without_stream(_REFUSED.sub("", found[-1]).strip()).rstrip(". \t"))
    return found


def _without_stream(name: str) -> str:
    """A name without the NTFS stream it ends with: "a.exe:b", "a.exe::$DATA", "a.exe:b:$DATA"."""
    head, _, tail = name.rpartition(":")
    if len(head) + len(tail) == len(name) or _STREAM.fullmatch(tail) is None:
        return name
    if tail.upper() == "$DATA" and not head.endswith(":"):
        head = head.rpartition(":")[0] or head
    return head.rstrip(":")


def otherwise(candidates: Iterable[str], detect: Callable[[bytes], tuple[str, ...]]) -> tuple[str, ...]:
    """A name in the charsets that `detect` finds, where it was read in one that proves nothing, or in none."""
    broken = False
    for name in candidates:
        if name.isascii():
            found = encoded_words.otherwise(name, detect) if broken and "=?" in name else ()
        else:
            found = charsets.mistaken(name, detect)
            broken = broken or "\ufffd" in name
        if found:
            return found
    return ()


def readings(octets: bytes) -> tuple[str, ...]:
    """What programs call a member of an archive that tells no charset of its name: UTF-8, and only where it is none, all others."""
    try:
        return (octets.decode(),)
    except UnicodeDecodeError:
        return tuple(dict.fromkeys(charsets.text(octets, one) for one in _CHARSETS))


def extensions(names: Iterable[str]) -> frozenset[str]:
    """Every dotted ending of every name: lower case, without dot, blanks and stream."""
    found: set[str] = set()
    for name in names:
        for part in _PATH.split(name.lower()):
            pieces = part.split(".")
            found.update(piece.strip(" \t\r\n\"'") for piece in pieces[1:])
    return frozenset(
        piece.partition(":")[0].partition("\0")[0].strip()
        for piece in found
        if 0 < len(piece) <= MAX_EXTENSION and piece.strip(":")
    ) - {""}


def last_extension(name: str) -> str:
    """The ending that decides how a desktop opens it."""
    return _shown(name).rpartition(".")[2].strip(" .\"'").lower()


def differ(candidates: Iterable[str]) -> bool:
    """Whether readers choose between names with different endings; `candidates` as they came, the likeliest first.

    A piece of the likeliest, as readers see it that know no continuations (RFC 2231 3), is a name to judge, not another file; so is
    the garbage that they see who decode what was cut within a quantum word by word.
    """
    candidates = tuple(candidates)
    for coded in candidates:
        if "=?" in coded and encoded_words.is_cut(coded):
            garbage = encoded_words.readings(coded)[1:]
            candidates = tuple(one for one in candidates if one not in garbage)
    whole = [one for one in candidates if "=?" not in one and _ENCODED.search(one) is None]
    if len(whole) < 2:
        return False
    others = [one for one in whole[1:] if one.strip("\ufffd ") not in whole[0]]
    shown = [_shown(one) for one in (whole[0], *others)]
    long = {_choosing(one) for one in shown if _SHORT.fullmatch(one) is None} - {""}
    short = {_choosing(one) for one in shown if _SHORT.fullmatch(one) is not None}
    short = {ending for ending in short if not any(one.startswith(ending) for one in long)}
    return len({_ALIKE.get(ending, ending) for ending in long | short}) > 1


def _shown(name: str) -> str:
    return (forms((name,), 4) or ("",))[-1]


def _choosing(shown: str) -> str:
    """The ending by which a desktop chooses a program; "" where there is none: "Rechnung", "Bericht v1.2", "Rechnung Nr. 5"."""
    ending = shown.rpartition(".")[2] if "." in shown else ""
    return "" if _NO_ENDING.search(ending) is not None else ending.strip("\"'").lower()


_NO_ENDING = re.compile(r"\s|^(?:[0-9]{1,2}|[0-9]{4,})$")  # three digits are a volume's
# One that Windows made of a long one: its ending is the first three letters of the long one's.
_SHORT = re.compile(r"[^.]{1,6}~[0-9]{1,6}\.[^.]{3}")
# Under which the same is shown: pictures by what they are, whatever they are called.
_PICTURES = dict.fromkeys(("jpg", "jpeg", "jpe", "png", "gif", "bmp", "tif", "tiff", "webp", "heic"), "picture")
_ALIKE = {"html": "htm", "mpeg": "mpg", "text": "txt", "yml": "yaml"} | _PICTURES
