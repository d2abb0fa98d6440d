"""What a PDF holds that its pages do not show: scripts and actions, embedded files, a password (ISO 32000-1).

What programs open without asking for a password is read as if it had none (`lock`).

It follows no cross-reference table, which may lie: it looks at everything that is not a stream, at the object streams unpacked, and
at streams in which objects stand as they are. Promises: linear in what it reads, unpacks within the ledger's budget, never raises.
"""

import re
from collections.abc import Iterator
from functools import partial

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.forward import Next
from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Listing, Member, held
from screener.anatomy.pdf import elsewhere, embedded, forms, lengths, likelier, tables, trailers, written
from screener.anatomy.pdf import lock as pdf_lock
from screener.anatomy.pdf import packed as pdf_packed
from screener.anatomy.pdf import streams as pdf_streams
from screener.anatomy.pdf import text as pdf_text
from screener.anatomy.pdf.unpacking import Unpacking, most_packed
from screener.anatomy.pdf.written import END, OBJECT, REFERENCE

_JAVASCRIPT = re.compile(rb"/(?:JavaScript|JS|OnInstantiate)" + END)  # the last of what is drawn in three dimensions (13.6.3)
_LAUNCH = re.compile(rb"/Launch" + END)
_ON_OPENING = re.compile(rb"/(?:OpenAction|AA)\s{0,99}(?:" + REFERENCE + rb"|(?=<<))")
_GOES = re.compile(rb"/S\s{0,99}/(?:URI|SubmitForm|ImportData|GoToR|GoToE)" + END)
_ENDOBJ = re.compile(rb"endobj")
_OBJECT = re.compile(OBJECT)
# A web archive in the same file, which Word opens (a "MalDoc in PDF").
_WEB_ARCHIVE = re.compile(rb"^MIME-Version[ \t]{0,9}:[ \t]{0,9}1[^\r\n]{0,99}\r?\n", re.IGNORECASE | re.MULTILINE)
_ACTION = 300  # octets of an action in which it says where it goes
_AROUND = 1_536  # octets of an object in which its keys are looked for
_FEW, _SHORTEST = 2_000, 128  # streams that are kept for the text, always; and octets of one with its object, on an average


def read(octets: bytes, ledger: Ledger, place: str) -> Listing:
    """What a PDF holds."""
    split = pdf_streams.split(octets)
    between, streams = split.outside, split.streams
    if len(streams) >= pdf_streams.most(len(octets)):
        ledger.note(Defect.CONTAINER_TOO_MANY_MEMBERS, place)
    swallowed = _swallowed(octets, streams)
    hidden = [*dict.fromkeys((swallowed, written.spaced(swallowed).text))]
    told = [stream for stream in streams if stream.is_told_elsewhere]
    is_told_twice = any(stream.is_told_twice for stream in streams if stream.keys.count(b"/Filter") > 1)
    within = trailers.swallowed(octets, streams, split.tables)
    said = trailers.said(between, within, streams)
    if split.is_doubtful or is_told_twice or said.is_doubtful:
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    lock = pdf_lock.find(b"\n".join((between, *hidden, within.read, within.other)), said, ledger, place)
    encrypted = said.encrypted and lock is None
    is_sure = lock is None or (said.encrypted and not said.is_doubtful)
    if lock is not None:
        lock.open(streams)
        if is_sure or likelier.settle(octets, streams, told, pdf_streams.plain(b"\n".join((between, *hidden))), ledger, place):
            between = _opened(lock, between, is_sure, ledger, place)
        hidden = [_opened(lock, one, False, ledger, place) for one in hidden if one]
    raw = b"\n".join((between, *hidden))
    elsewhere.settle(told, pdf_streams.plain(raw), ledger, place)
    packed = list(_object_streams(octets, streams, ledger, place))
    is_lost = split.led and not encrypted and lengths.are_doubtful(octets, split.led, _packed_objects(packed))
    apart = [(stream, *pdf_packed.apart(stream.keys, content)) for stream, content in packed]
    held: dict[int, list[list[int]]] = {}  # by the number of an object stream
    for stream, objects, _, _ in apart:
        held.setdefault(int(stream.number or b"0"), []).append(objects)
    if is_lost or _is_led_astray(octets, split, held, ledger, place):
        ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
    if any(is_odd and _may_be_open(stream, said, encrypted) for stream, _, _, is_odd in apart):
        ledger.note(Defect.CONTAINER_METHOD, place)
    text = b"\n".join((raw, *[one for _, _, one, _ in apart]))
    plain = pdf_streams.plain(text)
    elsewhere.settle(told, plain, ledger, place)
    are_known = not any(is_odd for *_, is_odd in apart) and not any(b"endobj" in stream.keys for stream in streams)
    numbers = {stream.number for stream in streams} | (set() if are_known else {b""})
    members = embedded.found(octets, streams, numbers, text, plain, encrypted, said.is_within, ledger, place)
    members += _web_archives(octets, raw, ledger, place)
    active = dict.fromkeys(_active(plain))
    if forms.have_script(plain, streams, lambda some: _unpacked(octets, some, ledger, place), ledger, place):
        active.setdefault(Active.JAVASCRIPT)
    are_few = not is_sure or len(streams) <= max(_FEW, len(octets) // _SHORTEST)
    kept = (b"\n".join((*hidden[-1:], between)), streams) if are_few else None
    settled = {stream.start: stream for stream in told}
    text_of = partial(_text, octets, kept, settled, lock, encrypted, said.is_within, ledger, place)
    return Listing(tuple(members), encrypted, active=tuple(active), texts=(text_of,))


def _swallowed(octets: bytes, streams: list[pdf_streams.Stream]) -> bytes:
    """What lies in streams in which objects stand: readers come to those by a table, whatever they lie in."""
    return b"\n".join(octets[stream.start : stream.end] for stream in streams if stream.has_objects and not stream.is_within)


def _opened(lock: pdf_lock.Lock, outside: bytes, is_sure: bool, ledger: Ledger, place: str) -> bytes:
    """With the strings deciphered; and as it stands, too, where it may be that it is not encrypted."""
    opened = lock.opened(outside, ledger, place)
    return opened if is_sure or opened == outside else b"\n".join((opened, outside))


def _text(
    octets: bytes,
    kept: tuple[bytes, list[pdf_streams.Stream]] | None,
    told: dict[int, pdf_streams.Stream],
    lock: pdf_lock.Lock | None,
    encrypted: bool,
    is_within: bool,
    ledger: Ledger,
    place: str,
    limit: int,
) -> str:
    """The text of its pages; what was not kept, because it is many, is read anew."""
    if kept is None:
        split = pdf_streams.split(octets)
        between, streams = split.outside, [told.get(stream.start, stream) for stream in split.streams]
        between = b"\n".join((written.spaced(_swallowed(octets, streams)).text, between))
        if lock is not None:
            lock.open(streams)
            between = lock.opened(between, ledger, place)
    else:
        between, streams = kept
    unpacked = Unpacking(octets, _most(octets, ledger), encrypted, is_within, ledger, place)
    packed = ((stream, unpacked(stream)) for stream in streams if stream.has_packed_objects)
    return pdf_text.read(pdf_streams.plain(between), streams, packed, unpacked, unpacked.within, limit, unpacked.cut)


def _web_archives(octets: bytes, raw: bytes, ledger: Ledger, place: str) -> Iterator[Member]:
    """One in the same file, behind where the PDF begins: a message in which one lies is none."""
    if _WEB_ARCHIVE.search(raw) is not None:
        archive = _WEB_ARCHIVE.search(octets, max(0, octets.find(b"%PDF-")))
        if archive is not None and ledger.spend_member(place):
            yield held((), octets[archive.start() :])


def _object_streams(
    octets: bytes, streams: list[pdf_streams.Stream], ledger: Ledger, place: str
) -> Iterator[tuple[pdf_streams.Stream, bytes]]:
    """Every object stream (7.5.7) unpacked."""
    for stream, content in _unpacked(octets, [stream for stream in streams if stream.has_packed_objects], ledger, place):
        if stream.is_told_elsewhere:
            ledger.note(Defect.CONTAINER_METHOD, place)
        if stream.is_told_twice:
            ledger.note(Defect.CONTAINER_AMBIGUOUS, place)
        yield stream, content


def _is_led_astray(octets: bytes, split: pdf_streams.Split, held: dict[int, list[list[int]]], ledger: Ledger, place: str) -> bool:
    """Whether a table of references leads into the midst of a number, into a stream, or to another object in one."""
    packed = [stream.bare() for stream in split.streams if tables.is_table(stream.keys)]
    if any(stream.is_told_twice or tables.is_told_oddly(stream.keys) for stream in packed):
        return True
    contents = ((stream.keys, content) for stream, content in _unpacked(octets, packed, ledger, place))
    others = {int(one.number or b"0") for one in split.streams if not one.has_packed_objects} - held.keys() if packed else set()
    known = tables.Tables(octets, split.true, split.quoted)
    return known.lead_astray(split.outside, split.tables, contents, held, others)


def _packed_objects(packed: list[tuple[pdf_streams.Stream, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """The numbers and octets of all objects in object streams."""
    for stream, content in packed:
        yield from pdf_packed.objects(stream.keys, content)[0]


def _may_be_open(stream: pdf_streams.Stream, said: trailers.Said, encrypted: bool) -> bool:
    """Whether something comes out of a stream; of one that is encrypted, or in a file that is, nothing does."""
    return stream.size > 0 and not (encrypted or (stream.is_within and said.is_within))


def _most(octets: bytes, ledger: Ledger) -> int:
    """Octets that all streams of a PDF may unpack to."""
    budget = ledger.budget
    return min(budget.document_octets, max(budget.document_floor, budget.document_factor * len(octets)))


def _unpacked(
    octets: bytes, streams: list[pdf_streams.Stream], ledger: Ledger, place: str
) -> Iterator[tuple[pdf_streams.Stream, bytes]]:
    """Streams and what is in them, as far as the budget goes."""
    left = _most(octets, ledger)
    packed_left = most_packed(octets)
    for stream in streams:
        if min(left, packed_left, ledger.unpacked_left) <= 0 or (stream.is_stepped and ledger.steps_left <= 0):
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
            return
        unfiltered = stream.content(octets, min(left, ledger.unpacked_left), ledger.steps_left)
        content = unfiltered.content
        if unfiltered.is_cut:
            ledger.note(Defect.CONTAINER_TOO_LARGE, place)
        left -= len(content)
        packed_left -= unfiltered.consumed
        ledger.spend_steps(unfiltered.steps, place)
        ledger.spend_document(len(content))
        ledger.spend_unpacked(len(content), place)
        yield stream, content


def _active(plain: bytes) -> list[Active]:
    found = []
    if (b"/J" in plain or b"/OnInst" in plain) and _JAVASCRIPT.search(plain) is not None:
        found.append(Active.JAVASCRIPT)
    if b"/Launch" in plain and _LAUNCH.search(plain) is not None:
        found.append(Active.LAUNCH)
    if _opens(plain):
        found.append(Active.OPENS_ADDRESS)
    return found


def _opens(plain: bytes) -> bool:
    """Whether an action that goes somewhere is done on opening (12.6.2, 12.6.3)."""
    if b"/OpenAction" not in plain and b"/AA" not in plain:
        return False
    wanted: set[bytes] = set()
    goes = Next(_GOES, plain)
    for match in _ON_OPENING.finditer(plain):
        if match[1] is not None:
            wanted.add(match[1].lstrip(b"0"))
        elif goes.after(match.end()) < match.end() + _ACTION:
            return True
    if not wanted:
        return False
    goes, ends = Next(_GOES, plain), Next(_ENDOBJ, plain)
    for match in _OBJECT.finditer(plain):
        if match[1].lstrip(b"0") in wanted:
            end = ends.after(match.end())
            if goes.after(match.end()) < (end if end < match.end() + _AROUND else match.end() + _ACTION):
                return True
    return False
