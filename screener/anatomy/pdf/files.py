"""What the files in a PDF are called: file specifications (ISO 32000-1 7.11) and the tree of names (7.9.6).

Promises: linear in what it reads but for what it spends on names, which is bounded; never raises. It finds too many names rather
than too few: they are looked for around every /EF, also as if what people read were not there, in which anything may stand.
"""

import re
from collections.abc import Iterator

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import brackets
from screener.anatomy.pdf.plain_names import plain_names
from screener.anatomy.pdf.strings import string
from screener.anatomy.pdf.views import NAME_OCTETS, Called, View
from screener.anatomy.pdf.written import END, REFERENCE

_REFERENCE = re.compile(REFERENCE)
_FILES = re.compile(rb"/EF" + END + rb"\s{0,99}+")
_LEADS = re.compile(rb"[+0]{0,99}?" + REFERENCE)
# The keys of a dictionary of files (7.11.4, table 44), and the type of what has one (7.11.3, table 43).
_FILE = re.compile(rb"/(?:UF|F|DOS|Mac|Unix)" + END + rb"\s{0,99}+")
_SPECIFICATION = re.compile(rb"/Type\s{0,99}/[Ff]ile[Ss]pec" + END)
_LEADS_ODDLY = re.compile(rb"<<(?!\s{0,99}>>)|[-+0\[<]{0,99}+[1-9]")
_REFERENCE_ODDLY = re.compile(rb"[-+.0-9]++\s++[-+.0-9]++\s*+R\b")  # as nothing else than files is led to
_STRING = re.compile(rb"\(|<(?!<)")
_NOTHING = re.compile(rb"null|endobj")
_NAME = re.compile(rb"/[^\x00\t\n\f\r ()<>\[\]{}/%]*+|<[0-9A-Fa-f\s]*+>")  # or a string in hexadecimal
_OF_A_REFERENCE = re.compile(rb"[1-9]")  # what has it in it leads somewhere
_NAME_KEY = re.compile(rb"/(?:(?:UF|F|Unix|DOS|Mac)|(Desc))\s{0,99}(?:(?=[(<])|" + REFERENCE + rb")")
_NAME_ODDLY = re.compile(_FILE.pattern + b"(?!" + REFERENCE + b")" + _REFERENCE_ODDLY.pattern)
_PAREN = re.compile(rb"\\(?s:.)|[()]|%[^\r\n]*+")
_AROUND = 16_384  # octets of an object in which its keys are looked for
_LONG = 300  # octets of a string that are not looked past
_LIST = re.compile(rb"\[[^\[\]()]{300,}+\]|<[0-9A-Fa-f\s]{2000,}+>")  # one that is as long, or a string of digits
_COST = 16  # octets looked at for keys that cost as much as one of a name
_COST_OF_FILES = 4  # the same, of a dictionary of files: each of its references is looked up
_DICTIONARY = 16_384  # octets of one
_MAX_CHAIN = 4  # references to references
_LONGEST_NAME = 2_000  # octets of one
_MAX_FILES = 1_000
_INLINE_OCTETS = 32 * 1024  # the service's own share of what is looked at for names


def called(text: bytes, plain: bytes, streams: set[bytes], ledger: Ledger, place: str) -> Called:
    """What files are called in a PDF's text, with names' escapes and without; `streams` are the numbers of its streams, with b""
    where some number is not known."""
    found = Called(left=_INLINE_OCTETS if ledger.inline else max(NAME_OCTETS, len(text)))
    for view in map(View, dict.fromkeys((text, plain, _shortened(plain)))):
        count = 0
        for match in _FILES.finditer(view.text):
            if found.left <= 0:
                ledger.refuse_inline("names of files in a PDF")
            if count >= _MAX_FILES or found.left <= 0:
                ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
                break
            led = _led_to(view, match, streams, found)
            if led is None:
                continue
            count += 1
            found.is_any = True
            found.is_doubtful = found.is_doubtful or view.is_odd
            around = _around(view, match, found) | (plain_names(view, match, found) if view.text == plain else {})
            found.every |= around
            for number in led:
                found.names.setdefault(number, {}).update(around)
    if found.left <= 0:
        ledger.refuse_inline("names of files in a PDF")
    return found


def _led_to(view: View, match: re.Match[bytes], streams: set[bytes], found: Called) -> set[bytes] | None:
    """The numbers of the streams that an /EF leads to, None where it is none of files: fonts and layers may be called so, too."""
    reference = _LEADS.match(view.text, match.end())
    number = reference[1].lstrip(b"0") if reference is not None else None
    if number is not None and number in view.led:
        return view.led[number]
    led: set[bytes] | None = None
    for begin in _values(view, match.end(), found):
        files = _files(view, begin, streams, found)
        led = files if led is None else led | (files or set())
    if number is not None:
        view.led[number] = led
    elif led is None and _LEADS_ODDLY.match(view.text, match.end()) is not None:
        is_reference = _REFERENCE_ODDLY.match(view.text, match.end()) is not None
        if is_reference or _is_specification(view, match.start(), found):
            found.is_doubtful = True
            return set()
    return led


def _values(view: View, at: int, found: Called, chain: int = _MAX_CHAIN) -> Iterator[int]:
    """Where what stands at an offset begins, or what references there lead to."""
    reference = _LEADS.match(view.text, at)
    if reference is None:
        yield at
        return
    begins = view.at(reference[1], found) if chain else []
    found.is_doubtful = found.is_doubtful or not begins
    for begin in begins:
        yield from _values(view, begin, found, chain - 1)


def _files(view: View, at: int, streams: set[bytes], found: Called) -> set[bytes] | None:
    """The numbers of the streams that a dictionary of files leads to, None where it is no such dictionary."""
    if not view.text.startswith(b"<<", at):
        return None
    end = brackets.dictionary_end(view.text, at, at + _DICTIONARY)
    inside = view.text[at : end if end >= 0 else at + _DICTIONARY]
    found.left -= len(inside) // _COST_OF_FILES
    own = brackets.own(inside)
    if end >= 0 and _FILE.search(own) is None:
        return None
    other = _REFERENCE.sub(b"", _NAME.sub(b" ", own))
    led = {one[1].lstrip(b"0") for one in _REFERENCE.finditer(inside)} & streams
    found.is_doubtful = found.is_doubtful or end < 0 or _OF_A_REFERENCE.search(other) is not None
    for key in _FILE.finditer(own):
        if _LEADS.match(own, key.end()) is not None:
            led |= _led_by(view, own, key.end(), streams, found)
    return led


def _led_by(view: View, text: bytes, at: int, streams: set[bytes], found: Called, chain: int = _MAX_CHAIN) -> set[bytes]:
    """The numbers of the streams to which a reference leads that stands at an offset, and references behind it."""
    reference = _LEADS.match(text, at)
    if reference is None:
        found.is_doubtful = found.is_doubtful or _NOTHING.match(text, at) is None
        return set()
    number = reference[1].lstrip(b"0")
    if number in streams:
        return {number}
    if number not in view.objects and b"" not in streams:
        return set()  # it is null (7.3.10), as files that are taken out leave it
    if (number, chain) not in view.files:
        begins = view.at(number, found) if chain else []
        found.is_doubtful = found.is_doubtful or not begins
        view.files[number, chain] = set().union(*(_led_by(view, view.text, begin, streams, found, chain - 1) for begin in begins))
    return view.files[number, chain]


def _is_specification(view: View, at: int, found: Called) -> bool:
    """Whether the dictionary around an /EF is that of a file: by its type, or a name."""
    low, high = view.bounds(at)
    if low not in view.named:
        found.left -= (high - low) // _COST
        view.named[low] = any(one.search(view.text, low, high) is not None for one in (_SPECIFICATION, _NAME_KEY))
    if not view.named[low] or found.left <= 0:
        return view.named[low]
    found.left -= (high - low) // _COST
    begin = brackets.dictionary_around(view.text, low, at)
    end = brackets.dictionary_end(view.text, begin, high)
    keys = brackets.own(view.text[begin : end if end >= 0 else high])
    if _SPECIFICATION.search(keys) is not None:
        return True
    for key in _NAME_KEY.finditer(keys):
        if key[2] is None:
            if _STRING.match(keys, key.end()) is not None:
                return True
        elif any(_STRING.match(view.text, one) is not None for one in view.at(key[2], found)):
            return True
    return False


def _around(view: View, match: re.Match[bytes], found: Called) -> dict[str, None]:
    """The names in the dictionary in which an /EF stands; without any that in the tree of names, or what describes it."""
    text = view.text
    low = max(0, match.start() - _AROUND)
    begin, number = view.around(match.start())
    start = max(low, begin, text.rfind(b"endobj", low, match.start()))
    end = text.find(b"endobj", match.end(), match.end() + _AROUND)
    names: dict[str, None] = {}
    described: dict[str, None] = {}  # what a file is for; readers show it for a name where there is none
    end = end if end > 0 else match.end() + _AROUND
    found.left -= (end - start) // _COST
    files = brackets.dictionary_end(text, match.end(), end) if text.startswith(b"<<", match.end()) else match.end()
    is_odd, files = False, files if files >= 0 else end
    for key in _NAME_KEY.finditer(text, start, end):
        for at in [key.end()] if key[2] is None else view.at(key[2], found):
            is_odd = is_odd or (_REFERENCE_ODDLY.match(text, at) is not None and not match.start() < key.start() < files)
            if text[at : at + 1] in (b"(", b"<") and text[at : at + 2] != b"<<":
                (described if key[1] else names).setdefault(_name(text, at, found))
    is_odd = is_odd or any(_NAME_ODDLY.search(text, *one) for one in ((start, match.start()), (files, end)))
    found.is_doubtful = found.is_doubtful or is_odd
    if not any(names) and number is not None:
        names = {_name(text, key.start(), found): None for key in view.keys_of(number)}
    return {name: None for name in (names if any(names) else described) if name}


def _name(text: bytes, at: int, found: Called) -> str:
    if found.left <= 0:
        return ""
    name, length = string(text, at, _LONGEST_NAME)
    found.left -= length
    is_cut = length > _LONGEST_NAME - 9 or (text[at : at + 1] == b"<" and text.find(b">", at, at + 2 * _LONGEST_NAME) < 0)
    found.is_doubtful = found.is_doubtful or is_cut  # readers take what is behind the last slash
    return name


def _shortened(view: bytes) -> bytes:
    """Without the lists and strings that are long, or in which an object seems to begin or to end."""
    if b"/EF" not in view:
        return view
    out: list[bytes] = []
    at = start = depth = 0
    for paren in _PAREN.finditer(view):
        if paren[0] == b"(":
            start = start if depth else paren.start()
            depth += 1
        elif paren[0] == b")" and depth:
            depth -= 1
            if depth == 0 and (paren.end() - start > _LONG or b"obj" in view[start : paren.end()]):
                out += (view[at:start], b"()")
                at = paren.end()
    out.append(view[at:])
    return _LIST.sub(b"[]", b"".join(out))
