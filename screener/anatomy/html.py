"""What HTML shows, and what it holds without showing it. No tree: one pass over the tags, linear whatever the input.

Inline tags join what they stand between, block tags part it, comments vanish, scripts and styles are not text. Text that styles or
attributes hide, alternative texts, titles and what only Outlook reads in conditional comments come out apart: not displayed, but
matchable. Browsers' rules for broken tags are followed where readers agree (WHATWG HTML 13.2.5); nothing is ever rendered.
"""

import re
from dataclasses import dataclass
from html import unescape

_NAMED = re.compile(r"<(/?)([a-zA-Z][^\s/><]*+)")
_ATTRIBUTE_QUOTE = re.compile(r"=[ \t\r\n\f]*+([\"'])")
# Text and a tag without anything odd in it, in one step; what does not match goes the slow way.
_SIMPLE = re.compile(r"([^<]*+)<(/?)([a-zA-Z][^\s/><]*+)((?:[^\"'<>]|\"[^\"<>]*+\"|'[^'<>]*+')*+)>")
_BREAK = "\ue000"  # stands for a block's border until blanks are tidied; private, so no text means anything by it
_MAYBE = "\ue001"  # the border of what may show nothing where it stands: to some readers, or by its style, there is none
_JOINABLE = re.compile("[^\\s\ue000\ue001]\ue001+[^\\s\ue000\ue001]")
# All others join what they stand between, also those that do not exist.
_BREAKS_WORDS = (
    "address article aside blockquote body br button caption center col colgroup dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe img input "
    "isindex legend li link main map marquee menu meta nav ol optgroup option p param pre section select summary table "
    "tbody td textarea tfoot th thead tr ul"
)
_BREAKS = frozenset(_BREAKS_WORDS.split())
# Shown as nothing, ignored where they stand outside of what they belong to, or no wider than their style says: also as if they
# were not there (WHATWG HTML 13.2.6.4.7 and 15.3).
_DOUBTFUL_WORDS = "body col colgroup frame frameset head html img input isindex link map meta optgroup option param"
_DOUBTFUL = frozenset(_DOUBTFUL_WORDS.split())
_OF_TABLES = frozenset(("caption", "tbody", "td", "tfoot", "th", "thead", "tr"))
_JOINING = re.compile(r"display\s*+:\s*+(?:inline|contents)\b", re.IGNORECASE)
_RAW = frozenset(("script", "style", "xmp", "title", "textarea", "noembed", "noframes", "iframe", "plaintext"))
_UNSEEN = frozenset(("iframe", "noembed", "noframes"))  # what stands between their tags is for readers that do not know them
_VOID = frozenset(("area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "wbr"))
_HIDING = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|mso-hide\s*+:\s*+all|font-size\s*+:\s*+1p[xt]\b|(?:font-size|max-height|opacity|max-width)\s*+:\s*+"
    r"(?:0++(?:\.0*+)?|\.0++)(?:px|pt|em|%|rem)?\s*+(?:!important\s*+)?(?:[;\"'}]|\Z)",
    re.IGNORECASE,
)
# Styles that may hide a text, or may not: the text is read with it and without it.
_MAY_HIDE = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+(?:hidden|collapse)|(?<![\w-])(?:font-size|font|zoom|width|height|opacity|max-width|max-height|line-height)"
    r"\s*+:[^;{}]{0,40}?(?<![\w.#%-])(?:0++(?:\.0*+)?(?![.\d])|0*+\.\d)|"
    r"position\s*+:\s*+(?:absolute|fixed)|(?:left|right|top|bottom|text-indent|margin[a-z-]{0,9})\s*+:[^;{}]{0,40}?-\s*+\d{3}|clip(?:-path)?\s*+:|"
    r"scale[xyz3d]{0,2}\s*+\(\s*+0|transparent|mso-hide",
    re.IGNORECASE,
)
_STYLE = re.compile(r"<style\b[^<>]*+>(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
_PSEUDO = re.compile(r"::?[\w-]++(?:\([^()]*+\))?")
_COMPOUND = re.compile(r"[^\s>+~]++\s*+\Z")
_KEY = re.compile(r"([.#\[]?)([\w-]++)")
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6}+)\s?|([^\r\n]))")
_COMMENT_END = re.compile(r"--!?>")
_PAIR = re.compile(r"(?<![a-zA-Z-])([a-zA-Z-]++)[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
_HIDDEN_ATTRIBUTE = re.compile(r"(?:^|\s)hidden(?:\s|=|/|$)", re.IGNORECASE)
# Attributes with text for people or an address to go to.
_TEXT_ATTRIBUTES = frozenset(
    ("alt", "title", "href", "src", "value", "action", "aria-label", "placeholder", "summary", "label", "background")
)
_SELECTOR = re.compile(r"[.#]([A-Za-z_][\w-]*)\s*(?:,|\Z)")
_PADDED_NUMBER = re.compile(r"&#([xX]?)0{4,}+(?=[0-9a-fA-F])")
_LONG_NUMBER = re.compile(r"&#(?:[xX][0-9a-fA-F]{8,}+|[0-9]{8,}+)")
_MAX_OPEN = 256  # hidden elements in one another
_MAX_CLASSES = 500
_MAX_ATTRIBUTES = 65_536
_MAX_KNOWN = 1_000
_MAX_SPANS = 20_000
_MAX_LEVELS = 8  # of elements that may be hidden in one another
_MAX_RULES = 5_000
_MAX_SELECTOR = 500
_CONDITION = "![if"  # stands for the name of what Outlook's conditions enclose
_NOTHING = (False, False, False)
_SHORT = 512
_REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[^\t\n\f <&#;]{1,32};?)")  # as html.unescape has it


def unescaped(text: str) -> str:
    """Character references resolved as a browser does: zeros before a number mean nothing, one beyond Unicode is U+FFFD.

    The library's own `unescape` raises on a number of more than 4,300 digits.
    """
    if "&#" in text:
        text = _LONG_NUMBER.sub("\ufffd", _PADDED_NUMBER.sub(r"&#\1", text))
    if len(text) <= _SHORT:
        return unescape(text)
    resolved = _Resolved()
    return _REFERENCE.sub(lambda reference: resolved[reference[0]], text)


class _Resolved(dict[str, str]):
    """Character references, and what they stand for: a page has few, each a thousand times."""

    def __missing__(self, reference: str) -> str:
        resolved = unescape(reference)
        if len(self) < _MAX_KNOWN:
            self[reference] = resolved
        return resolved


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of an HTML document: as displayed; and hidden, with alternative texts and the addresses that links lead to.

    `joined` is the displayed text where borders that show nothing to some readers part no words; "" where that is no other text.
    """

    displayed: str
    hidden: str
    joined: str = ""
    without: str = ""  # lines of it as they read where what may be hidden is, and what Outlook alone shows is shown


def read(document: str) -> Shown:
    """The texts of a document or a fragment."""
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: str, framed: bool = False) -> None:
        self.framed = framed
        self.document = document
        self.shown: list[str] = []
        self.hidden: list[str] = []
        self.out = self.shown
        self.hiding: list[str] = []  # open elements of the name that hides, innermost last
        self.classes: set[str] = set()  # that a style sheet hides
        self.known: dict[str, tuple[bool, str, bool, bool]] = {}  # attributes → whether they hide, their texts, whether they join
        self.joining: dict[str, int] = {}  # those of them whose style takes the borders away
        self.open: dict[str, int] = {}  # elements with borders that have begun and not ended, by name
        self.doubted: frozenset[str] = frozenset()  # names of elements, ".classes" and "[attributes" that a style sheet may hide
        self.doubts: list[list[int]] = []  # open elements that may be hidden: how many of the name are open, where the text begins
        self.doubt_names: list[str] = []
        # Of `shown`, what some readers do not show, and what they show for it, by how many of them lie around it.
        self.spans: list[list[tuple[int, int, str]]] = [[]]
        self.no_quote_from = {'"': len(document) + 1, "'": len(document) + 1}

    def read(self) -> Shown:
        document = self.document
        if "<style" in document or "<STYLE" in document or "<Style" in document:
            self.doubted = _doubted(document)
        at = 0
        while (match := _SIMPLE.match(document, at)) is not None or at < len(document):
            if match is None:
                at = self._slow(at)
                continue
            piece, slash, name, attributes = match.groups()
            if piece:
                self.out.append(unescaped(piece) if "&" in piece else piece)
            at = match.end()
            if slash:
                self._close(name.lower())
            else:
                at = self._open(name.lower(), attributes, at)
        shown = "".join(self.shown)
        without = self._without() if len(self.spans) > 1 or self.spans[0] else ""
        if _MAYBE not in shown:
            return Shown(_tidy(shown), _tidy("".join(self.hidden)), "", without)
        joined = _tidy(shown.replace(_MAYBE, "")) if _JOINABLE.search(shown) else ""
        return Shown(_tidy(shown.replace(_MAYBE, _BREAK)), _tidy("".join(self.hidden).replace(_MAYBE, _BREAK)), joined, without)

    def _without(self) -> str:
        """The lines in which a word is parted by what may not be shown, without it: each depth for itself."""
        lines: list[str] = []
        instead = self.spans[0]
        for spans in self.spans[1:] or [[]]:
            pieces: list[str] = []
            at = 0
            for start, end, shown in sorted(spans + instead) if instead else spans:
                if start >= at:
                    pieces += (*self.shown[at:start], _MAYBE, shown, _MAYBE)
                    at = end
            text = "".join((*pieces, *self.shown[at:]))
            if _JOINABLE.search(text) is not None:
                lines += [line for line in text.split(_BREAK) if _JOINABLE.search(line)]
        return _tidy(_BREAK.join(lines).replace(_MAYBE, "")) if lines else ""

    def _doubt(self, name: str) -> None:
        """An element begins that may be hidden."""
        if len(self.doubts) < _MAX_LEVELS and not self.hiding and name not in _VOID:
            self.doubts.append([1, len(self.shown)])
            self.doubt_names.append(name)
            if len(self.spans) <= len(self.doubts):
                self.spans.append([])

    def _undoubt(self, name: str) -> None:
        """An element ends of whose name one may be hidden; those within that did not end do."""
        at = len(self.doubts) - 1
        while self.doubt_names[at] != name:
            at -= 1
        innermost = self.doubts[at]
        innermost[0] -= 1
        while not innermost[0] and len(self.doubts) > at:
            level = len(self.doubts)
            self.doubt_names.pop()
            start = self.doubts.pop()[1]
            if len(self.shown) > start and len(self.spans[level]) < _MAX_SPANS:
                self.spans[level].append((start, len(self.shown), ""))

    def _slow(self, at: int) -> int:
        """Text up to the next "<", and what begins there."""
        less = self.document.find("<", at)
        if less < 0:
            self._text(self.document[at:])
            return len(self.document)
        self._text(self.document[at:less])
        return self._markup(less)

    def _text(self, piece: str) -> None:
        if piece:
            self.out.append(unescaped(piece) if "&" in piece else piece)

    def _markup(self, less: int) -> int:
        """What begins at a "<"; answers where to go on."""
        document = self.document
        follows = document[less + 1 : less + 2]
        if follows == "!" or follows == "?":
            return self._declaration(less)
        named = _NAMED.match(document, less)
        if named is None:
            if follows == "/":
                end = document.find(">", less)
                return len(document) if end < 0 else end + 1
            self.out.append("<")
            return less + 1
        end = self._tag_end(named.end())
        if end < 0:
            # Cut off within a tag: browsers show nothing, plainer readers the rest.
            self.hidden.append(_drop_tags(document[less + 1 :]))
            return len(document)
        name = named[2].lower()
        attributes = document[named.end() : end]
        if named[1]:
            self._close(name)
            return end + 1
        return self._open(name, attributes, end + 1)

    def _tag_end(self, at: int) -> int:
        """The ">" that ends a tag, quoted values skipped; -1 where there is none."""
        document = self.document
        end = document.find(">", at)
        while end >= 0:
            quote = _ATTRIBUTE_QUOTE.search(document, at, end)
            if quote is None:
                return end
            mark = quote[1]
            # One search a document for a quote that never comes: without it a row of open quotes costs the square.
            close = -1 if quote.end() >= self.no_quote_from[mark] else document.find(mark, quote.end())
            if close < 0:
                self.no_quote_from[mark] = min(self.no_quote_from[mark], quote.end())
                return end
            at = close + 1
            if at > end:
                end = document.find(">", at)
        return -1

    def _declaration(self, less: int) -> int:
        """Comments, doctypes, processing instructions. What Outlook reads in a conditional comment is hidden text."""
        document = self.document
        if document.startswith("<!--", less):
            if document.startswith(("<!-->", "<!--->"), less):
                return document.index(">", less) + 1
            end = _COMMENT_END.search(document, less + 4)
            inner = document[less + 4 : len(document) if end is None else end.start()]
            if end is None:
                self.hidden.append(_drop_tags(inner))
                return len(document)
            if inner.lstrip()[:3].lower() == "[if":
                if inner.endswith("<!"):
                    self._doubt(_CONDITION)
                for_outlook = inner.partition("]>")[2]
                text = _drop_tags(for_outlook)
                if text and not text.isspace():
                    self.hidden.append(text + _BREAK)
                    if not self.hiding and len(self.spans[0]) < _MAX_SPANS:
                        self.spans[0].append((len(self.shown), len(self.shown), unescape(_ANY_TAG.sub("", for_outlook))))
            elif _CONDITION in self.doubt_names and "[endif]" in inner.lower():
                self._undoubt(_CONDITION)
            return end.end()
        close = document.find(">", less)
        if document.startswith("<![", less):
            if document[less + 3 : less + 5].lower() == "if":
                self._doubt(_CONDITION)
            elif _CONDITION in self.doubt_names and document[less + 3 : less + 8].lower() == "endif":
                self._undoubt(_CONDITION)
        if document.startswith("<![CDATA[", less):
            # Text in XHTML, a comment in HTML (WHATWG HTML 13.2.5.42).
            self.hidden.append(document[less + 9 : len(document) if close < 0 else close].removesuffix("]]") + _BREAK)
        return len(document) if close < 0 else close + 1

    def _open(self, name: str, attributes: str, after: int) -> int:
        if name in _RAW:
            if name == "iframe" and "srcdoc" in attributes.lower():
                self._srcdoc(attributes[:_MAX_ATTRIBUTES])
            unseen = name in _UNSEEN or (bool(attributes) and self._attributes(attributes)[0])
            return self._raw(name, after, _MAYBE if unseen else _BREAK)
        hides, joins, doubt = self._attributes(attributes) if attributes else _NOTHING
        if doubt or name in self.doubted or (name == "font" and "size" in attributes):
            if name not in _OF_TABLES or not self.open.get("table"):  # its neighbours part words without it
                self._doubt(name)
        elif self.doubts and name in self.doubt_names and name not in _VOID:
            self.doubts[len(self.doubts) - 1 - self.doubt_names[::-1].index(name)][0] += 1
        if name == "dialog" and "open" not in attributes.lower():
            hides = True
        if name in _BREAKS:
            doubtful = hides or joins or name in _DOUBTFUL or (name in _OF_TABLES and not self.open.get("table"))
            self.out.append(_MAYBE if doubtful else _BREAK)
            self.open[name] = self.open.get(name, 0) + 1
            if joins:
                self.joining[name] = self.joining.get(name, 0) + 1
        if name == "template" or hides or self.hiding:
            self._enter_hidden(name, hides or name == "template")
        return after

    def _srcdoc(self, attributes: str) -> None:
        """The document that a frame brings along, as text."""
        for name, double, single, bare in _PAIR.findall(attributes):
            if name.lower() == "srcdoc":
                page = unescape(double or single or bare)
                framed = Shown(_drop_tags(page), "") if self.framed else _Reader(page, framed=True).read()
                self.out.append(_BREAK.join(("", framed.displayed, framed.joined, framed.without, "")))
                self.hidden.append(framed.hidden + _BREAK)

    def _enter_hidden(self, name: str, hides: bool) -> None:
        if name in _VOID or len(self.hiding) >= _MAX_OPEN:
            return
        # Within hidden text only elements of the same name are counted, so that its own end is found.
        if hides and not self.hiding:
            self.hiding.append(name)
            self.out = self.hidden
            self.out.append(_BREAK)
        elif self.hiding and self.hiding[-1] == name:
            self.hiding.append(name)

    def _close(self, name: str) -> None:
        ended_hidden = False
        if self.hiding and self.hiding[-1] == name:
            self.hiding.pop()
            if not self.hiding:
                self.out.append(_BREAK)
                self.out = self.shown
                ended_hidden = True
        if name in _BREAKS:
            begun = self.open.get(name, 0)
            if begun:
                self.open[name] = begun - 1
            # An end tag of nothing is ignored, but that of a paragraph.
            joins = self.joining.get(name, 0)
            if joins:
                self.joining[name] = joins - 1
            doubtful = ended_hidden or joins > 0 or name in _DOUBTFUL or not (begun or name == "p" or name == "br")
            self.out.append(_MAYBE if doubtful else _BREAK)
        if self.doubts and name in self.doubt_names:
            self._undoubt(name)

    def _raw(self, name: str, after: int, border: str) -> int:
        """Elements whose content is no markup, up to their end tag."""
        document = self.document
        if name == "plaintext":
            self._text(document[after:])
            return len(document)
        close = _END_TAGS[name].search(document, after)
        stop = close.start() if close is not None else len(document)
        content = document[after:stop]
        match name:
            case "style":
                self._style_sheet(content)
            case "script":
                pass
            case "title":
                self.hidden.append(unescape(content) + _BREAK)
            case _:
                self.out.append(border + unescape(content) + border)
        if close is None:
            if name in ("style", "script", "title"):
                self.hidden.append(_drop_tags(content))
            return len(document)
        end = document.find(">", stop)
        return len(document) if end < 0 else end + 1

    def _attributes(self, attributes: str) -> tuple[bool, bool, bool]:
        """Whether an element's attributes hide it, take its borders away, or may hide it; their texts go to the hidden ones.

        Mail repeats itself, so answers are kept.
        """
        known = self.known.get(attributes)
        if known is None:
            known = self._read_attributes(attributes[:_MAX_ATTRIBUTES])
            if len(self.known) < _MAX_KNOWN and len(attributes) < _MAX_KNOWN:
                self.known[attributes] = known
        if known[1]:
            self.hidden.append(known[1])
        return known[0], known[2], known[3]

    def _read_attributes(self, attributes: str) -> tuple[bool, str, bool, bool]:
        joins = doubt = False
        hides = "idden" in attributes and _HIDDEN_ATTRIBUTE.search(attributes) is not None
        if self.doubted:
            doubt = not self.doubted.isdisjoint("[" + word for word in attributes.lower().split())
        texts: list[str] = []
        for name, double, single, bare in _PAIR.findall(attributes):
            value = double or single or bare
            if self.doubted and not doubt:
                low = name.lower()
                doubt = "[" + low in self.doubted or (
                    low in ("class", "id") and any("." + one in self.doubted for one in unescape(value).split())
                )
            match name.lower():
                case "style":
                    style = _plain_style(unescape(value))
                    hides = hides or _HIDING.search(style) is not None
                    joins = joins or _JOINING.search(style) is not None
                    doubt = doubt or _MAY_HIDE.search(style) is not None
                case "class" | "id":
                    hides = hides or any(one in self.classes for one in value.split())
                case text if text in _TEXT_ATTRIBUTES:
                    if value.strip():
                        texts.append(unescape(value) if "&" in value else value)
                case _:
                    pass
        return hides, _BREAK + _BREAK.join(texts) + _BREAK if texts else "", joins, doubt

    def _style_sheet(self, sheet: str) -> None:
        """Classes and ids that are hidden outside of any @media block."""
        sheet = _plain_style(sheet)
        depth = 0
        start = 0
        selector = ""
        for match in _BRACES.finditer(sheet):
            if match[0] == "{":
                if depth == 0:
                    selector = sheet[start : match.start()]
                depth += 1
            elif depth:
                depth -= 1
                if (
                    depth == 0
                    and "@" not in selector
                    and _HIDING.search(sheet, start, match.end())
                    and len(self.classes) < _MAX_CLASSES
                ):
                    self.classes.update(_SELECTOR.findall(selector.strip()))
                    self.known.clear()
            start = match.end()


_BRACES = re.compile(r"[{}]")
_END_TAGS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_ANY_TAG = re.compile(r"<[^<>]*>?")


def _doubted(document: str) -> frozenset[str]:
    """What the style sheets of a document may hide, wherever they stand and whatever they ask of the screen."""
    found: set[str] = set()
    for sheet in _STYLE.findall(document):
        if _MAY_HIDE.search(plain := _plain_style(sheet)) is None:
            continue
        for rule in plain.split("}"):
            before, brace, body = rule.rpartition("{")
            selectors = before.rpartition("{")[2].rpartition(";")[2]  # within @media, behind @import
            if not brace or _MAY_HIDE.search(body) is None or len(found) > _MAX_RULES:
                continue
            for selector in selectors.split(","):
                compound = _COMPOUND.search(_PSEUDO.sub("", selector[-_MAX_SELECTOR:]))
                keys: list[tuple[str, str]] = [] if compound is None else _KEY.findall(compound[0])
                named = {"[" + name.lower() if mark == "[" else "." + name for mark, name in keys if mark}
                found |= named or {name.lower() for _, name in keys}
    return frozenset(found)


def _plain_style(style: str) -> str:
    """A style without comments and escapes (CSS Syntax 3, 4.3)."""
    if "/*" in style:
        style = _CSS_COMMENT.sub("", style)
    return _CSS_ESCAPE.sub(_unescaped, style) if "\\" in style else style


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else 0
    return (chr(code) if code < 0x110000 else "\ufffd") if escape[1] else escape[2]


def _drop_tags(markup: str) -> str:
    return unescape(_ANY_TAG.sub(" ", markup))


def _tidy(text: str) -> str:
    """Blanks as browsers show them: one for many, a line end for a block."""
    lines = [" ".join(line.split()) for line in text.split(_BREAK)]
    return "\n".join([line for line in lines if line])
