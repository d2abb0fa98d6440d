"""Every case: each technique alone in every carrier, and pairs of techniques.

Some 260,000 pairs make sense (`fit`), which is ten minutes' work. Made are all of those that lead their row and stage, and of the
others every 41st: each technique meets seven others at least. Left out on purpose are the rest of them, whatever is a limit or a
bomb by itself (`alone`), and of words hidden in a text all but every fifth way, with every fourth of the leaders that fit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from fakes.evasions import containers, files, names, structure, texts, transfers
from fakes.evasions.draft import Carrier, Draft, Stage, Technique, Wanted, build

PROGRAM = (
    b"MZ\x90\x00"
    + b"\0" * 56
    + b"\x80\0\0\0"
    + bytes(range(64))
    + b"PE\0\0\x4c\x01"
    + bytes(range(256))
    + b"\xe4\xff\x01\x7f=.-" * 30
    + b"end of it"
)
PROGRAM = PROGRAM[: len(PROGRAM) // 3 * 3 - 2]  # base64 of it ends in "=="
PDF = containers.pdf(javascript=True)
_LEADERS = 2  # techniques of a row and stage of which all pairs are made
_EVERY = 41  # … and of the pairs of others one of as many

ABOUT = {
    0: "honest",
    1: "header fields doubled",
    2: "boundary doubled",
    3: "boundary by RFC 2231",
    4: "encoded words in MIME fields",
    5: "odd boundaries",
    6: "boundaries reused",
    7: "no multipart declared",
    8: "multipart not ended",
    9: "preamble and epilogue",
    10: "transfer encoding doubled",
    11: "transfer encoding misspelt",
    12: "x-uuencode",
    13: "BinHex",
    14: "unknown transfer encodings",
    15: "uuencode, yEnc in text",
    16: "damaged base64",
    17: "damaged quoted-printable",
    18: "obsolete header forms",
    19: "junk in the header",
    20: "line ends",
    21: "two places for a name",
    22: "RFC 2231 names",
    23: "encoded words in names",
    24: "parameters malformed",
    25: "names in disguise",
    26: "no name",
    27: "inline, related",
    28: "nested messages",
    29: "containers encoded",
    30: "TNEF",
    31: "types that lie, polyglots",
    32: "archives",
    33: "bombs, chains",
    34: "damaged Office",
    35: "active content",
    36: "words hidden",
    37: "senders",
    38: "sizes and numbers",
    39: "before the header",
    40: "8-bit headers",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A message that hides something in these ways."""

    techniques: tuple[Technique, ...]
    carrier: Carrier
    plant: str = "program"  # program, pdf, text

    @property
    def row(self) -> int:
        """That of its first technique."""
        return self.techniques[0].row if self.techniques else 0

    @property
    def may_hold(self) -> bool:
        """Whether the list of evasions is content where it is held."""
        return any(technique.hold for technique in self.techniques)

    def __str__(self) -> str:
        about = "+".join(map(str, self.techniques)) or "honest"
        return f"{about}-{'b64' if self.carrier is Carrier.BASE64 else 'qp'}" + (
            "" if self.plant == "program" else f"-{self.plant}"
        )

    def built(self) -> Draft:
        """The message, and what must be identified in it."""
        match self.plant:
            case "pdf":
                wanted = Wanted("report.pdf", "pdf", frozenset(("application/pdf",)), PDF)
                draft = Draft(wanted, "report.pdf", PDF, carrier=self.carrier)
            case "text":
                draft = Draft(Wanted(text=texts.WORD), "note.txt", b"", carrier=self.carrier)
            case _:
                wanted = Wanted("evil.exe", "exe", frozenset(("application/x-dosexec",)), PROGRAM)
                draft = Draft(wanted, "evil.exe", PROGRAM, carrier=self.carrier)
        return build(draft, self.techniques)


def all_techniques() -> tuple[Technique, ...]:
    """Of every file; texts are another kind of plant and stand in `texts`."""
    return (*structure.techniques(), *transfers.techniques(), *names.techniques(), *files.techniques())


def singles() -> Iterator[Case]:
    """Each technique alone."""
    for carrier in Carrier:
        yield Case((), carrier)
        yield Case((), carrier, "pdf")
        for technique in all_techniques():
            if carrier in technique.carriers and not (carrier is Carrier.QUOTED and technique.stage is Stage.FILE):
                yield Case((technique,), carrier)
        for technique in texts.techniques():
            yield Case((technique,), carrier, "text")


def fit(first: Technique, second: Technique) -> bool:
    """Whether two techniques make sense together."""
    if first.alone or second.alone or second.stage in first.without or first.stage in second.without:
        return False
    if first.stage is second.stage and first.stage not in (Stage.FILE, Stage.STRUCTURE):
        return False
    if Stage.NAME in first.without and Stage.NAME in second.without:
        return False
    about = {first.about: second, second.about: first}
    if any(name.startswith("behind-") and other.bound for name, other in about.items()):
        return False
    # Behind 120,000 octets it is a program to no reader.
    if all(name.startswith("behind-60000-") for name in about):
        return False
    # A file cut short at the end of a report is one that a bounce returns: `tests/anatomy/test_anatomy_returned.py`.
    if "in-report" in about and about["in-report"].about.endswith("-half"):
        return False
    if "text-type" in about and about["text-type"].text:
        return False
    # What another field names has no ending of its type.
    if "script-type" in about and about["script-type"].about in ("part-disposition-after", "part-disposition-name-before"):
        return False
    # A disc that lacks what discs begin with is one by its name alone.
    if "udf" in about and about["udf"].row == 26:
        return False
    # Behind a blank line and junk no reader looks for fields.
    if {first.row, second.row} == {19, 39} and Stage.STRUCTURE in (first.stage, second.stage):
        return False
    # Octets that stand there raw do not survive another line end.
    line_ends = {20}
    return not ((first.binary and second.row in line_ends) or (second.binary and first.row in line_ends))


def common_carrier(techniques: tuple[Technique, ...], preferred: Carrier) -> Carrier | None:
    """A carrier that all can take."""
    carriers: tuple[Carrier, ...] = (preferred, *Carrier)
    for carrier in carriers:
        if all(carrier in technique.carriers for technique in techniques):
            return carrier
    return None


def leaders() -> list[Technique]:
    """The first techniques of each row and stage."""
    counts: dict[tuple[int, Stage], int] = {}
    found = []
    for technique in all_techniques():
        key = (technique.row, technique.stage)
        if not technique.alone and counts.get(key, 0) < _LEADERS:
            counts[key] = counts.get(key, 0) + 1
            found.append(technique)
    return found


# Found by putting techniques together at random (fuzz/composed.py), beside the pairs of leaders.
_FOUND = (
    ("35-eml", "25-zero-width"),
    ("29-inner-container-encoded", "20-all-borders-nul-line"),
    ("28-global-encoded", "20-all-borders-nul-line"),
    ("29-container-encoded", "20-all-borders-tab-line"),
    ("15-uuencoded-base64-in-text", "20-all-crcrlf"),
    ("15-uuencoded-no-blank-line", "20-all-nul-crlf"),
    ("13-in-text", "20-all-borders-nul-line"),
    ("31-web-archive", "31-name-says-photo.jpg"),
    ("31-web-archive", "31-name-says-smime.p7s", "11-tab-before"),
    ("35-eml", "25-ending-first", "05-blanks-behind-delimiter"),
    ("35-eml", "26-empty-type", "03-utf-16-bom"),
    ("35-rtf-object", "26-empty-type", "27-in-alternative"),
    ("35-rtf-object", "31-name-says-a.eml"),
    ("35-ics", "09-preamble-base64"),
    ("35-svg-script", "09-epilogue-fields", "09-epilogue-base64"),
    ("35-rtf-object-as-doc", "28-with-boundary", "09-epilogue-base64", "20-all-nul-crlf"),
    ("09-preamble-base64", "20-border-nul-line"),
    ("09-preamble-base64", "05-comment-within", "39-some-fields-then-blank"),
    ("09-epilogue-base64", "07-field-missing", "03-one-section"),
    ("09-preamble-fields", "06-part-after-end", "07-no-parameter", "29-inner-container-encoded"),
    ("25-small-full-stop-extended", "09-preamble-fields", "05-single-quotes"),
    ("19-dashes-first", "09-preamble-fields"),
    ("12-uu-without-begin", "19-dashes-first", "09-epilogue-fields"),
    ("16-no-padding", "18-zero-width-type", "39-blank-lines-in-part"),
    ("17-soft-break-lf", "06-no-blank-before-first", "19-utf-8-name-in-top"),
    ("26-text-type", "19-quoted-second", "20-all-borders-vt-line"),
    ("22-sections-quoted", "18-cr-in-name-type", "07-field-missing"),
    ("18-cr-in-name-encoding", "29-container-encoded", "39-some-fields-then-blank"),
    ("24-comma-between", "11-angle", "18-leading-blank-encoding"),
    ("26-disposition-only", "12-uuencode-without-begin", "18-leading-blank-encoding"),
    ("11-unknown", "18-leading-blank-encoding"),
    ("31-behind-60000-letters", "26-text-type"),
    ("32-300-kb-before", "30-zip-within"),
    ("31-100-kb-and-zip", "31-program-and-zip", "08-cut"),
    ("09-epilogue-uuencoded", "29-inner-container-encoded", "20-all-nul-crlf"),
    ("16-junk-dash", "18-blank-before-colon-disposition"),
    ("08-inner-not-ended", "27-related-in-alternative"),
    ("35-mso", "16-second-stream-is-it"),
    ("32-tar-gz", "16-second-stream-is-it"),
    ("05-text-behind-delimiter", "07-no-parameter"),
    ("05-text-behind-delimiter", "07-text-html"),
    ("05-text-behind-delimiter", "07-application"),
)


def pairs() -> Iterator[Case]:
    """Pairs that make sense, in the order of their stages; plants and carriers take turns."""
    chosen = leaders()
    number = others = 0
    led = set(map(str, chosen))
    for pair in combinations(all_techniques(), 2):
        first, second = sorted(pair, key=lambda technique: technique.stage)
        carrier = common_carrier((first, second), Carrier.BASE64 if number % 2 else Carrier.QUOTED)
        if carrier is not None and fit(first, second):
            if not led.issuperset(map(str, pair)):
                others += 1
                if others % _EVERY:
                    continue
            number += 1
            yield Case((first, second), carrier, "pdf" if number % 3 == 0 and 34 not in (first.row, second.row) else "program")
    by_name = {str(technique): technique for technique in all_techniques()}
    for names_of in _FOUND:
        found = tuple(by_name[name] for name in names_of)
        for carrier in Carrier:
            if all(carrier in technique.carriers for technique in found):
                yield Case(found, carrier)
    for text in texts.techniques()[::5]:
        for technique in chosen:
            # A file in a text has no charset, and one before the first part no type.
            if technique.stage > Stage.HEADER or (
                technique.stage in (Stage.TRANSFER, Stage.HEADER) and Stage.NAME not in technique.without
            ):
                if not fit(text, technique) or technique.without:
                    continue
                carrier = common_carrier((technique,), Carrier.BASE64 if number % 2 else Carrier.QUOTED)
                number += 1
                if carrier is not None and number % 4 == 0:
                    yield Case((text, replace(technique)), carrier, "text")
