"""A header block: its fields in order, where the body starts, and what is odd (RFC 5322 2.2, 3.6, 4).

Promises: linear, bounded by the budget, never raises. Beside the strict reading it keeps the fields that only tolerant readers see
(blanks before the colon, comments or controls in the name, CR as line end, indented MIME fields), and the places where strict
readers would let the body begin earlier. What the values mean is `parameters`', `addresses`' and `encoded_words`'.
"""

import re
from itertools import islice

from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime.fields import Field, Headers
from screener.anatomy.octets import Octets

_BREAK = re.compile(rb"\r\n(?![ \t])")
_ANY_BREAK = re.compile(rb"\r?\n(?![ \t])")
_CR_BREAK = re.compile(rb"\r+\n?|\n\r?")
_CR_BREAK_OF_FIELDS = re.compile(rb"(?:\r++\n?+|\n\r?+)(?![ \t])")
_END = re.compile(rb"\n\r*\n")
_CR_END = re.compile(rb"\r\r(?![\r\n])|\n\r(?![\r\n])")
_NAME = re.compile(rb"[!-9;-~]+")
_NAME_BYTES = re.compile(r"[^!-9;-~]+")
_COMMENT = re.compile(r"\([^()]*\)?")
_BLANK_LINE = re.compile(rb"\n[ \t]+\r?(?=\n)")
_BLANK_LENGTH = 8  # octets of a line of controls that is the first that is no field
_CONTROL_LINE = re.compile(rb"\r?\n[ \t]*+[\0\x0b\x0c][ \t\0\x0b\x0c]*+\r?(?=\n)")
_INDENTED = re.compile(rb"\n[ \t]+(content-(?:type|disposition|transfer-encoding))[ \t]*:([^\r\n]+)", re.IGNORECASE)
# What one of these says, and not the next name in a list of fields; signatures have such, with parameters of their own behind them.
_SAYS = re.compile(
    rb"[ \t]*\"?[a-z]+/[a-z]|[ \t]*(?:attachment|inline)|[^:]{0,40}?(?:64|quot|print|qp|uu|hex|yenc|bit|binary|=\?)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(rb"[!-9;-~]*(?:dkim|domainkey|signature|arc-)", re.IGNORECASE)
_CONTENT_FIELD = re.compile(rb"^content-[a-z-]{1,40}[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\n\r?\n")
_BLANKS = re.compile(rb"[ \t\r\n\0]*+")
_CR_LINE = re.compile(rb"\r(?![\n \t])([^\r\n]*+)")
_BROKEN = re.compile(rb"\0|\r(?!\n)")
_LOOKS_LIKE_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}[ \t]*:")
_STARTS = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From (?![ \t]*:)[^\r\n]*\r?\n)?")
_BLANKS_THEN_FIELD = re.compile(rb"(?:[ \t]*\r?\n)+(?=[A-Za-z][A-Za-z0-9-]{1,60}[ \t]*:)")

_PASSED = (b":", b"From ")  # odd lines behind which some readers go on, to the next that is none of these and no field
_FURTHER_ODD_LINE = re.compile(rb"\n(?!From |[: \t\r\n]|[!-9;-~]++:)")

_OFTEN = (
    "Received Date From To Cc Subject Message-ID Message-Id MIME-Version Mime-Version Content-Type "
    "Content-Transfer-Encoding Content-Disposition Content-ID Content-Id Content-Description Content-Language "
    "Sender Reply-To In-Reply-To References Return-Path Delivered-To DKIM-Signature Authentication-Results "
    "Received-SPF X-Mailer X-Priority User-Agent Precedence List-Id List-Unsubscribe List-Post List-Help "
    "List-Subscribe List-Archive Errors-To Auto-Submitted Importance Thread-Topic Thread-Index Organization Lines "
    "X-Originating-IP X-MS-Has-Attach X-MimeOLE ARC-Seal ARC-Message-Signature ARC-Authentication-Results "
    "X-Spam-Status X-Spam-Level"
)
_KNOWN: dict[bytes, tuple[str, str]] = {name.encode(): (name, name.lower()) for name in _OFTEN.split()}


def read(source: Octets, start: int, end: int, ledger: Ledger, place: str, top: bool = False) -> Headers:
    """The header block at `start`, of a message (`top`) or a part that ends at `end`."""
    budget = ledger.budget
    early: list[int] = []
    if top:
        start = _skip_before(source, start, end, ledger, place, early)
    first = source[start : start + 2]
    if start >= end or first == b"\r\n" or first[:1] == b"\n":
        body = min(end, start + (2 if first == b"\r\n" else 1))
        return Headers([], body, tuple(early))
    limit = min(end, start + budget.header_octets)
    stop = source.find(b"\r\n\r\n", start, limit)
    block = source[start : stop + 2 if stop >= 0 else limit]
    returns = block.count(b"\r\n")
    folded = b"\n " in block or b"\n\t" in block
    if stop >= 0 and block.count(b"\n") == returns == block.count(b"\r") and b"\0" not in block:
        lines = _BREAK.split(block[:-2]) if folded else block[:-2].split(b"\r\n")
        fields, junk = _fields(lines, ledger, place)
        body_start = stop + 4
    else:
        fields, junk, body_start, block = _irregular(source, start, limit, end, ledger, place, early)
    ledger.spend_header(len(block), len(fields), place)
    if folded:
        _folded(block, fields, start, early, ledger, place)
    if junk >= 0:
        early.append(start + junk)
        if block.startswith(_PASSED, junk) and (further := _FURTHER_ODD_LINE.search(block, junk)) is not None:
            early.append(start + further.end())
        blank = _CONTROL_LINE.search(block)  # shows as a blank line, and is one to some
        if blank is not None and blank.end() > junk + _BLANK_LENGTH:
            early.append(start + blank.end() + 1)
    if len(block) > budget.field_octets:
        for field in fields:
            if len(field.raw) > budget.field_octets:
                ledger.note(Defect.FIELD_TOO_LONG, place)
                field.raw = field.raw[: budget.field_octets]
    if not block.isascii():
        try:
            str(block, "utf-8")
        except UnicodeDecodeError:
            ledger.note(Defect.EIGHT_BIT_IN_HEADER, place)
    return Headers(fields, body_start, tuple(sorted({at for at in early if at < body_start})) if early else ())


def _skip_before(source: Octets, start: int, end: int, ledger: Ledger, place: str, early: list[int]) -> int:
    """What stands before a message's header and is skipped once: a byte order mark, an mbox line, blank lines."""
    head = source[start : min(end, start + 1200)]
    if head[:1] in b"Ff>\xef" and (before := _STARTS.match(head)) is not None and before.end():
        if head.startswith(b"\xef"):
            ledger.note(Defect.BOM_BEFORE_HEADER, place)
            early.append(start)
        else:
            ledger.note(Defect.MBOX_FROM_LINE, place)
        start += before.end()
        head = head[before.end() :]
    if head[:1] in b"\r\n \t" and (blanks := _BLANKS_THEN_FIELD.match(head)) is not None:
        ledger.note(Defect.BLANK_BEFORE_HEADER, place)
        early.append(start)
        start += blanks.end()
    return start


def _irregular(
    source: Octets, start: int, limit: int, end: int, ledger: Ledger, place: str, early: list[int]
) -> tuple[list[Field], int, int, bytes]:
    """A block with bare CR, bare LF or NUL, or without an end: its fields, junk offset or -1, start of the body, the block."""
    block = source[start:limit]
    found, cr_end = _END.search(block), _CR_END.search(block)
    if cr_end is not None and (found is None or cr_end.start() < found.start()):
        early.append(start + cr_end.end())
        found = found or cr_end
    if found is None:
        body_start = limit
        if limit < end:
            ledger.note(Defect.HEADER_TOO_LARGE, place)
        else:
            ledger.note(Defect.MISSING_BODY_SEPARATOR, place)
    else:
        body_start = start + found.end()
        block = block[: found.start() + 1]
        if source[body_start - 1 : body_start + 1] == b"\r\n":
            body_start += 1
    if b"\0" in block:
        ledger.note(Defect.NUL_IN_HEADER, place)
    bare_cr = block.count(b"\r") > block.count(b"\r\n") + block.endswith(b"\r")
    if block.count(b"\n") > block.count(b"\r\n"):
        ledger.note(Defect.BARE_LF_IN_HEADER, place)
    fields, junk = _fields(_ANY_BREAK.split(block.rstrip(b"\r\n")), ledger, place)
    broken = next((number for number, field in enumerate(fields) if _BROKEN.search(field.raw) is not None), len(fields))
    if bare_cr:
        ledger.note(Defect.BARE_CR_IN_HEADER, place)
        # With folded lines, and as readers have them that lose these.
        for lines in (_CR_BREAK_OF_FIELDS.split(block), [line for line in _CR_BREAK.split(block) if line[:1] not in b" \t"]):
            others, _ = _fields(lines, ledger, place, quiet=True)
            known = {(field.key, field.raw.strip()) for field in fields}
            fields += [field for field in others if (field.key, field.raw.strip()) not in known]
        no_field = (line.start(1) for line in _CR_LINE.finditer(block) if _LOOKS_LIKE_FIELD.match(line[1]) is None)
        early += [start + at for at in islice(no_field, 1)]
    if _say_what_it_is(fields[broken:]):
        ledger.note(Defect.DOUBTFUL_MIME_FIELD, place)
    return fields, junk, body_start, block


def _fields(lines: list[bytes], ledger: Ledger, place: str, quiet: bool = False) -> tuple[list[Field], int]:
    """Fields of unfolded-to-be lines, and the offset of the first line that is none, or -1."""
    if len(lines) > ledger.budget.header_lines:
        ledger.note(Defect.TOO_MANY_FIELDS, place)
        del lines[ledger.budget.header_lines :]
    fields: list[Field] = []
    late: list[Field] = []
    junk = -1
    before = 0  # fields before the first odd line
    last: Field | None = None  # the last field that no reader drops
    dropped: list[tuple[Field, bytes]] = []  # odd lines behind one
    for number, line in enumerate(lines):
        name, colon, raw = line.partition(b":")
        known = _KNOWN.get(name) if colon else None
        if known is not None:
            last = Field(known[0], known[1], raw)
            fields.append(last)
        elif colon and _NAME.fullmatch(name) is not None:
            text = name.decode("ascii")
            field = Field(text, text.lower(), raw)
            fields.append(field)
            if "(" not in text:
                last = field
                continue
            _tolerated(text, field.raw, late, ledger, place)
            if last is not None:
                dropped.append((last, line))
        elif line:
            if junk < 0:
                # Rare: only now the lines before are measured (every line break but those with LF alone has two octets).
                junk, before = sum(map(len, lines[:number])) + 2 * number, len(fields)
            _odd_line(line, len(name) if colon else -1, fields, late, ledger, place, quiet)
            if last is not None:
                dropped.append((last, line))
    if dropped:
        late += _continued(dropped)
    if not quiet and (late or junk >= 0) and _say_what_it_is(late if junk < 0 else fields[before:] + late):
        ledger.note(Defect.DOUBTFUL_MIME_FIELD, place)
    return fields + late if late else fields, junk


def _continued(dropped: list[tuple[Field, bytes]]) -> list[Field]:
    """The MIME fields of readers that drop odd lines, and not what continues them: to them it continues the field before."""
    found: dict[Field, list[bytes]] = {}
    for field, line in dropped:
        _, end, rest = line.partition(b"\n")
        if end and _say_what_it_is([field]):
            found.setdefault(field, [field.raw]).append(rest)
    return [Field(field.name, field.key, b"\r\n".join(pieces)) for field, pieces in found.items()]


def _say_what_it_is(fields: list[Field]) -> bool:
    """Whether there is one among them without which a part is another."""
    return any(field.key.startswith("content-") or field.key == "mime-version" for field in fields)


def _odd_line(line: bytes, colon: int, fields: list[Field], late: list[Field], ledger: Ledger, place: str, quiet: bool) -> None:
    """A line that is no plain field, where strict readers end the header: kept as one if it can be."""
    text = line[: max(colon, 0)].decode("latin-1")
    stripped = text.rstrip(" \t")
    if stripped and _NAME_BYTES.search(stripped) is None:
        if not quiet:
            ledger.note(Defect.SPACE_BEFORE_COLON, place)
        fields.append(Field(stripped, stripped.lower(), line[colon + 1 :]))
    elif not (colon >= 0 and _tolerated(text, line[colon + 1 :], late, ledger, place)) and not quiet and line.strip():
        ledger.note(Defect.INVALID_HEADER, place)


def _tolerated(name: str, raw: bytes, into: list[Field], ledger: Ledger, place: str) -> bool:
    """Whether a name is one when comments, controls and what is not ASCII are taken out of it."""
    stripped = _NAME_BYTES.sub("", _COMMENT.sub("", name))
    # Junk of several words is text, no name: "see http" of "see http://…".
    if not stripped or (" " in name.strip() and not stripped.lower().startswith("content-")):
        return False
    ledger.note(Defect.ODD_FIELD_NAME, place)
    into.append(Field(stripped, stripped.lower(), raw))
    return True


def _folded(block: bytes, fields: list[Field], start: int, early: list[int], ledger: Ledger, place: str) -> None:
    """Odd continuation lines: blank ones, and those that look like a MIME field of their own."""
    if (blank := _BLANK_LINE.search(block)) is not None:
        ledger.note(Defect.BLANK_FOLDED_LINE, place)
        early.append(start + blank.end() + 1)
    if _INDENTED.search(block) is None:
        return
    for folded in _ANY_BREAK.split(block):
        of_signature = _SIGNATURE.match(folded) is not None
        for name, value in _INDENTED.findall(folded):
            says = not of_signature and (b"=" in value or name.lower() == b"content-transfer-encoding")
            if says or _SAYS.match(value) is not None:
                ledger.note(Defect.INDENTED_FIELD, place)
                text = name.decode("ascii")
                fields.append(Field(text, text.lower(), value))


def before(source: Octets, start: int, at: int, ledger: Ledger, place: str) -> Headers:
    """The fields between two offsets, of readers for whom the body begins at `at`."""
    block = source[start : min(at, start + ledger.budget.header_octets)]
    fields, _ = _fields(_ANY_BREAK.split(block.rstrip(b"\r\n")), ledger, place, quiet=True)
    ledger.spend_header(len(block), len(fields), place)
    return Headers(fields, at)


def late(source: Octets, start: int, end: int, ledger: Ledger, place: str) -> Headers | None:
    """Fields behind the blank line that ends an empty header, or one without a type: some readers skip the blank."""
    limit = min(end, start + ledger.budget.header_octets)
    blanks = _BLANKS.match(source, start, limit)
    start = start if blanks is None else blanks.end()
    if _LOOKS_LIKE_FIELD.match(source, start, limit) is None and source[start : start + 8].lower() != b"content-":
        return None
    blank = _HEADER_END.search(source, start, limit)
    if _CONTENT_FIELD.search(source, start, limit if blank is None else blank.start() + 1) is None:
        return None
    ledger.note(Defect.BLANK_BEFORE_HEADER, place)
    return read(source, start, end, ledger, place)
