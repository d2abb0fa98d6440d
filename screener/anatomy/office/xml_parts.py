"""What acts in the XML of Office documents: relationships that fetch something, and fields that start a program (ECMA-376).

Read as Office reads it: in UTF-16 too, with references undone, quoted values that hold ">", and an instruction that is spread over
several runs. Promises: pure, linear, never raises.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from screener.anatomy.active import Active
from screener.anatomy.html.entities import unescaped
from screener.anatomy.office import formulas, xml_source
from screener.anatomy.office.xml_source import ATTRIBUTES, TAG

# A relationship that is fetched without a click when the document is opened (ECMA-376-1 15, MS-OI29500).
_RELATION = re.compile(rf"{TAG}Relationship\s({ATTRIBUTES})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?<![\w:.-])([\w:.-]++)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TEMPLATES = ("/attachedtemplate", "/glossarydocument")
_OBJECT_WORDS = "oleobject frame subdocument control package afchunk externallink mailmergesource mailmergeheadersource"
_OBJECTS = tuple(f"/{word}" for word in _OBJECT_WORDS.split())
_PICTURES = ("/image", "/audio", "/video", "/media")
_SHARE = re.compile(r"file:/{0,9}(?:\\\\|%5C%5C)|file://[^/]|file:/{4}|\\\\|//", re.IGNORECASE)
# A share that Windows fetches from the web (WebDAV): with a port behind the name, or in a folder of this name.
_WEB_SHARE = re.compile(
    r"(?:file:)?[\\/]{2,9}(?:[?.][\\/]unc[\\/]{1,9})?(?:[^\\/]{1,255}?@(?:ssl|\d)|[^\\/]{1,255}[\\/]davwwwroot\b)", re.IGNORECASE
)
# A share that is not one of the reader's own network, whose names have no dot, or an ending that leads nowhere else (RFC 6762 G,
# RFC 8375), and whose addresses are private (RFC 1918).
_FAR = re.compile(
    r"(?:file:)?[\\/]{2,9}+(?:[?.][\\/]unc[\\/]{1,9}+)?"
    r"(?![^\\/:@]{1,255}\.(?:local|lan|internal|intranet|private|corp|home|home\.arpa)\.?[\\/]"
    r"|(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)(?:\.\d{1,3}){2,3}[\\/])"
    r"(?:[^\\/:]{0,255}?[.@]|(?:\d|0x)[0-9a-f]{0,99}[\\/])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?!file:)[a-z][a-z0-9+.-]{1,30}:", re.IGNORECASE)  # one letter is a disk
_TEMPLATE_2003 = re.compile(rf"{TAG}attachedTemplate\s({ATTRIBUTES})>", re.IGNORECASE)

WITHIN = "\v"  # between the code of a field and that of one within it
_ROOT = re.compile(rf"{TAG}([^ \t\r\n<>/]++)")
_MACROS = ("/vbaproject", "/xlmacrosheet", "/xlintlmacrosheet")
_INSTRUCTION = re.compile(rf"{TAG}instrText(?:\s{ATTRIBUTES})?>([^<]*)")
_STEP = re.compile(r"\bfldCharType\s*=\s*[\"'](begin|separate|end)")
_LINK = re.compile(rf"{TAG}ddeLink\s")
_SIMPLE = re.compile(r"\binstr\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ACTION = re.compile(r"\baction\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DDE = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
# A cell that takes its value from another program: program|topic!cell (SpreadsheetML 2003).
_FORMULA = re.compile(r"\bFormula\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CALLBACK = re.compile(r"\b(?:on|get|load)[A-Z]\w{1,40}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CELL = re.compile(
    rf"{TAG}(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula)(?:\s{ATTRIBUTES})?>([^<|&]*+[|&][^<]*+)<"
)
# The same in octets, references not undone: "|" between texts, as formulas join them, is none.
_BAR = re.compile(rb"\|(?<=[\w'.;\"\x80-\xff]\|)(?!(?<=\"\|)\")(?:['\"&]|[\w.\x80-\xff]{1,255}[!&])")
_BAR_REFERENCE = re.compile(rb"&#(?:0*+124|[xX]0*+7[cC]);")
_DECLARED = 5  # octets, a mark of the coding and the sign, behind which no further instruction is
# Fields that put in what lies elsewhere: LINK has its program's name before the file's, and switches may stand before it. INCLUDE
# and IMPORT are their old names (MS-DOC 2.9.90).
_LOADS = r"LINK|INCLUDE(?:TEXT)?|DATABASE|RD"
_PUTS_IN = re.compile(rf"(?:^|[\n{WITHIN}])[^\w\n]{{0,99}}({_LOADS}|INCLUDEPICTURE|IMPORT)\b([^\n]{{1,2000}})", re.IGNORECASE)
_LOADS_WITHIN = re.compile(rf"{WITHIN}[^\w\n]{{0,99}}(?:{_LOADS})\b", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:[\s\"\u201c-\u201f]|\xe2\x80[\x9c-\x9f])+")  # what stands between words: quotes, in UTF-8, too
_OF_PICTURES = ("INCLUDEPICTURE", "IMPORT")
# A source of data (ECMA-376-1 18.13), and where it says that it lies.
_CONNECTION = re.compile(rf"{TAG}connection\s({ATTRIBUTES})>")
_SOURCES = ("url", "sourcefile", "odcfile", "connection")
_MERGED = re.compile(rf"{TAG}(?:connectString|udl)\s({ATTRIBUTES})>")  # of letters in series (ECMA-376-1 17.14)
# A field that makes letters of numbers: D, D and E, small or not, among them.
_SPELT = re.compile(
    r"\bQUOTE(?:\s++\d{1,9}+)*?\s++0*+(?:68|100)\s++0*+(?:68|100)\s++0*+(?:69|101)(?!\d)",
    re.IGNORECASE,
)


def plain(content: bytes) -> str:
    """The markup of a part as its application gets it."""
    return xml_source.plain(xml_source.decoded(content))


def root(head: bytes) -> str:
    """The name of the first element of a part of this beginning, without its prefix; "" where that cannot be said."""
    found = _ROOT.search(plain(head)) if b"DOCTYPE" not in head.replace(b"\0", b"") else None
    return found[1] if found is not None else ""


def leads_to_macros(markup: str) -> bool:
    """Whether a relationship in it is that of a macro project or an Excel 4 sheet, whatever the part is called."""
    return "elationship" in markup and any(
        key == "type" and value.strip().lower().endswith(_MACROS)
        for match in _RELATION.finditer(markup)
        for key, value in attributes(match[1])
    )


def fetched(markup: str) -> Iterator[Active]:
    """What the relationships in it fetch; a path on the reader's own disk, where most templates lie, is none."""
    if "&" not in markup and "xternal" not in markup and "XTERNAL" not in markup:
        return
    for match in _RELATION.finditer(markup):
        fields = dict(attributes(match[1]))
        if fields.get("targetmode", "").strip().lower() != "external":
            continue
        kind = fields.get("type", "").strip().lower()
        is_template = kind.endswith(_TEMPLATES)
        if is_template or kind.endswith(_OBJECTS):
            yield from loaded(fields.get("target", ""), is_template=is_template)
        elif kind.endswith(_PICTURES):
            yield from shown(fields.get("target", ""))


def template_2003(markup: str) -> Iterator[Active]:
    """The template of a document in WordprocessingML 2003."""
    for match in _TEMPLATE_2003.finditer(markup):
        for _, value in attributes(match[1]):
            yield from loaded(value, is_template=True)


def loaded(target: str, *, is_template: bool) -> Iterator[Active]:
    """What it is to load this: something of the reader's own network, of elsewhere (the web, a share far away), or neither."""
    target = unquote(target.strip())
    is_share = _SHARE.match(target) is not None
    is_far = _WEB_SHARE.match(target) is not None or (is_share and _FAR.match(target) is not None)
    if is_share and not is_far:
        yield Active.SHARE
    elif is_far or _ADDRESS.match(target) is not None:
        yield Active.TEMPLATE if is_template else Active.LINKED_OBJECT


def shown(target: str) -> Iterator[Active]:
    """What it is to load this picture: one of the web does what those of pages do, one of a share elsewhere tells who reads it."""
    if _FAR.match(unquote(target.strip())) is not None and any(loaded(target, is_template=False)):
        yield Active.SHARE


def attributes(text: str) -> Iterator[tuple[str, str]]:
    """Names without their prefixes, in lower case, and values of a tag's attributes."""
    for match in _ATTRIBUTE.finditer(text):
        value = match[2] if match[2] is not None else match[3]
        yield match[1].rpartition(":")[2].lower(), resolved(value)


def resolved(value: str) -> str:
    """An attribute's value with its references undone."""
    return unescaped(value) if "&" in value else value


def cells_call(markup: str) -> bool:
    """Whether a formula of a sheet or a name takes its value from another program: Excel itself writes a link for that."""
    return any(formulas.calls(resolved(match[1])) for match in _CELL.finditer(markup))


def is_indirect(content: bytes) -> bool:
    """Whether a part has what no program writes in formulas, declarations or comments, so that it must be read as a whole."""
    return b"\0" in content or b"<!" in content or content.find(b"<?", _DECLARED) >= 0 or _BAR_REFERENCE.search(content) is not None


def with_bars(content: bytes) -> Iterator[bytes]:
    """Each element of a part, not an indirect one, in whose text a call may stand; a part may be long and have none."""
    at = 0
    while (bar := _BAR.search(content, at)) is not None:
        end = content.find(b"<", bar.end())
        at = end if end >= 0 else len(content)
        yield content[max(0, content.rfind(b"<", 0, bar.start())) : at + 1]


def called_elsewhere(markup: str) -> Iterator[Active]:
    """What buttons of the document's own call, as soon as it is opened: macros of a file that may lie elsewhere (MS-CUSTOMUI)."""
    for match in _CALLBACK.finditer(markup):
        yield from loaded(resolved(match[1] if match[1] is not None else match[2]), is_template=True)


def runs_program(markup: str) -> bool:
    """Whether a click, or only the pointer, on something in a slide starts a program (MS-OE376 2.1.1236)."""
    return any(
        resolved(match[1] or match[2] or "").strip().lower().startswith("ppaction://program") for match in _ACTION.finditer(markup)
    )


def starts_program(markup: str) -> bool:
    """Whether a field, link or cell in it is one of DDE."""
    if "ddeLink" in markup and _LINK.search(markup) is not None:
        return True
    if "Formula" in markup and any(formulas.calls(resolved(one)) for one in _formulas(markup)):
        return True
    return "instr" in markup and is_dde(unescaped("".join(_instructions(markup))))


def put_in(markup: str) -> Iterator[Active]:
    """What its fields load, and sources of data that are asked as soon as it is opened."""
    if "instr" in markup:
        yield from fields_put_in(unescaped("".join(_instructions(markup))))
    if "mailMerge" in markup:
        for match in _MERGED.finditer(markup):
            for part in (part for _, value in attributes(match[1]) for part in value.split(";")):
                yield from loaded(part.partition("=")[2].strip(" \"'"), is_template=False)
    if "refreshOnLoad" in markup:
        connections = [(match.end(), dict(attributes(match[1]))) for match in _CONNECTION.finditer(markup)]
        for number, (at, given) in enumerate(connections):
            if given.get("refreshonload", "").strip() in ("1", "true"):
                end = connections[number + 1][0] if number + 1 < len(connections) else len(markup)
                for key, value in (*given.items(), *attributes(markup[at:end])):
                    for one in (value, *(part.partition("=")[2] for part in value.split(";"))) if key in _SOURCES else ():
                        yield from loaded(one, is_template=False)


def fields_put_in(written: str) -> Iterator[Active]:
    """What fields of these instructions, a line each, load from elsewhere."""
    for match in _PUTS_IN.finditer(written):
        is_picture = match[1].upper() in _OF_PICTURES and _LOADS_WITHIN.search(match[2]) is None
        for word in _BETWEEN.split(match[2].replace("\\\\", "\\")):
            yield from shown(word) if is_picture else loaded(word, is_template=False)


def is_dde(written: str) -> bool:
    """Whether a field's instruction is one of DDE, by its word or by the numbers of its letters."""
    return _DDE.search(written) is not None or _SPELT.search(written) is not None


def _instructions(markup: str) -> Iterator[str]:
    """Those of fields, with a line end between two fields: several runs of one field say one, with what fields within it say."""
    end = depth = 0
    for match in _INSTRUCTION.finditer(markup):
        if "fldChar" in markup[end : match.start()]:
            is_new = depth <= 0
            for step in _STEP.finditer(markup, end, match.start()):
                depth = max(0, depth + (1 if step[1] == "begin" else -1 if step[1] == "end" else 0))
                is_new = is_new or depth == 0
            yield "\n" if is_new else WITHIN
        yield match[1]
        end = match.end()
    for match in _SIMPLE.finditer(markup):
        yield f"\n{match[1] if match[1] is not None else match[2]}"


def _formulas(markup: str) -> Iterator[str]:
    """Those of cells that may hold a call."""
    for match in _FORMULA.finditer(markup):
        formula = match[1] if match[1] is not None else match[2]
        if "|" in formula or "&" in formula:
            yield formula
