"""What HTML shows, and what it holds without showing it. No tree: one pass over the tags, linear whatever the input.

Inline tags join what they stand between, block tags part it, comments vanish, scripts and styles are not text. Text that styles or
attributes hide, alternative texts, titles and what only Outlook reads in conditional comments come out apart: not displayed, but
matchable. Browsers' rules for broken tags are followed where readers agree (WHATWG HTML 13.2.5); nothing is ever rendered. What is
hidden is `page`'s and `styles`' to say, what words that makes `views`'.
"""

import re
from collections.abc import Iterable, Iterator

from screener.anatomy.html import data_addresses
from screener.anatomy.html.entities import unescaped
from screener.anatomy.html.page import Page, Shown
from screener.anatomy.html.styles import Styles
from screener.anatomy.html.tags import NAME, REST, TO_THE_END, values
from screener.anatomy.html.views import BREAK, MAYBE
from screener.anatomy.html.ways import Layer
from screener.anatomy.repeated import repeated

# Text and a tag, in one step; what does not match goes the slow way.
_TEXT_AND_TAG = re.compile(rf"([^<]*+)<(/?)({NAME}){REST}")
_TAG_BEGINS = re.compile(r"</?[a-zA-Z]")
_RAW = frozenset(("script", "style", "xmp", "title", "textarea", "noembed", "noframes", "iframe", "plaintext"))
_APART = {"object": "data", "embed": "src"}  # elements that show a document of its own, and where its address stands
# In drawings and formulas no content is raw (WHATWG HTML 13.2.6.5); these of their elements may end late, or be ended by others.
_FOREIGN = frozenset(("svg", "math"))
_POINTS = frozenset(("foreignobject", "desc", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"))
_SPECIAL = _RAW | _APART.keys() | _FOREIGN | _POINTS | {"wbr"}
_END_TAGS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_NO_MARKUP = re.compile(repeated(r"<(?![a-zA-Z/!?])[^<]*+", least=1))
_ANY_TAG = re.compile(r"<[^<>]*>?")
_COMMENT_END = re.compile(r"--!?>")
_CONDITION = re.compile(r"\s*+\[if", re.IGNORECASE)
_ONLY_TAGS = re.compile(repeated(r"\s++|<[^<>]*+>?+"))
_TELLS = re.compile(r"(?:alt|title|href|string)\s*+=", re.IGNORECASE)  # attributes that are read
_CONDITIONAL = "![if"  # stands for the name of what Outlook's conditions enclose
# Blanks to Python, but none of HTML's (WHATWG Infra 4.5): browsers show nothing for them, some readers a line end.
_NO_BLANKS = "\x0b\x1c\x1d\x1e\x1f\x85\u2028\u2029"
_MAX_FRAMES = 1_000  # read as pages of their own, …
_MAX_DEPTH = 2  # … in one another


def read(document: str) -> Shown:
    """The texts of a document or a fragment."""
    for one in _NO_BLANKS:
        if one in document:  # which is faster than to translate
            document = document.replace(one, "\u200b")
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: str, depth: int = 0) -> None:
        self.depth = depth
        self.document = document
        self.page = Page(Styles(document))
        self.frames = 0
        self.foreign: list[str] = []  # drawings and formulas that are open, perhaps

    def read(self) -> Shown:
        document = self.document
        page = self.page
        at = 0
        while (match := _TEXT_AND_TAG.match(document, at)) is not None or at < len(document):
            if match is None:
                at = self._slow(at)
                continue
            piece, slash, name, attributes = match.groups()
            if piece:
                page.out.append(unescaped(piece) if "&" in piece else piece)
            at = match.end()
            name = name.lower()
            if slash:
                page.close(name)
                if name in _FOREIGN and self.foreign and self.foreign[-1] == name:
                    self.foreign.pop()
            elif name in _SPECIAL:
                at = self._special(name, attributes, at)
            else:
                page.open(name, attributes)
        return page.text()

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
            self.page.out.append(unescaped(piece) if "&" in piece else piece)

    def _markup(self, less: int) -> int:
        """What begins at a "<"; answers where to go on."""
        document = self.document
        if document.startswith("<!--", less):
            return self._comment(less + 4)
        follows = document[less + 1 : less + 2]
        if follows == "!" or follows == "?":
            return self._declaration(less)
        if _TAG_BEGINS.match(document, less) is not None:
            # Cut off within a tag: browsers show nothing, plainer readers the rest.
            self.page.aside.append(_drop_tags(document[less + 1 :]))
            return len(document)
        if follows == "/":
            end = document.find(">", less)
            return len(document) if end < 0 else end + 1
        text = _NO_MARKUP.match(document, less)
        end = less + 1 if text is None else text.end()
        self._text(document[less:end])
        return end

    def _comment(self, start: int) -> int:
        """A comment from behind its "<!--". What Outlook reads in a conditional one is hidden text."""
        document = self.document
        if document.startswith((">", "->"), start):
            return document.index(">", start) + 1
        end = _COMMENT_END.search(document, start)
        if end is None:
            self.page.aside.append(_drop_tags(document[start:]))
            return len(document)
        stop = end.start()
        if _CONDITION.match(document, start, stop) is not None:
            if document.startswith("<!", stop - 2):
                self.page.flow.doubt(_CONDITIONAL)
            opened = document.find("]>", start, stop)
            tags = _ONLY_TAGS.match(document, opened + 2, stop) if opened >= 0 else None
            if tags is not None and (tags.end() < stop or _TELLS.search(document, opened, stop) is not None):
                for_outlook = document[opened + 2 : stop]
                self._keep(self._framed(for_outlook))
                self.page.flow.insert(Layer.OUTLOOK, unescaped(_ANY_TAG.sub("", for_outlook)))
        elif "[endif]" in document[start:stop].lower():
            self.page.flow.undoubt(_CONDITIONAL)
        return end.end()

    def _declaration(self, less: int) -> int:
        """Doctypes, processing instructions, conditions that other readers take for comments."""
        document = self.document
        close = document.find(">", less)
        if document.startswith("<![", less):
            if document[less + 3 : less + 5].lower() == "if":
                self.page.flow.doubt(_CONDITIONAL)
            elif document[less + 3 : less + 8].lower() == "endif":
                self.page.flow.undoubt(_CONDITIONAL)
            elif document.startswith("CDATA[", less + 3):
                # Text in XHTML, a comment in HTML (WHATWG HTML 13.2.5.42).
                text = document[less + 9 : len(document) if close < 0 else close].removesuffix("]]")
                self.page.aside.append(text + BREAK)
                self.page.flow.insert(Layer.INSTEAD, text)
        return len(document) if close < 0 else close + 1

    def _special(self, name: str, attributes: str, after: int) -> int:
        """Elements that show more than what is between their tags, or less; answers where to go on."""
        if name in _RAW:
            return self._raw(name, attributes, after)
        self.page.open(name, attributes)
        if name == "wbr":
            before = self.page.out[-1:]
            if self.document[after : after + 1].isspace() or (before and before[0].isspace()):
                self.page.out.append("\u200b")  # what it is, where that hides a line end
        elif name in _APART:
            self._show(self._addressed(values(attributes, _APART[name])))
        elif name in _FOREIGN or self.foreign:
            self.foreign.append(name)
        return after

    def _raw(self, name: str, attributes: str, after: int) -> int:
        """Elements whose content is no markup, up to their end tag."""
        document = self.document
        page = self.page
        if name == "xmp" or name == "textarea":
            page.open(name, attributes)
        elif attributes and (texts := page.styles.element(name, attributes).texts):
            page.aside += (BREAK, BREAK.join(texts), BREAK)
        if name == "plaintext":
            page.out.append(MAYBE)
            self._text(document[after:])
            return len(document)
        close = _END_TAGS[name].search(document, after)
        stop = close.start() if close is not None else len(document)
        content = document[after:stop]
        if self.foreign and "<" in content:
            self._show_otherwise(content)
        match name:
            case "style":
                page.read_sheet(content)
            case "script":
                pass
            case "title":
                page.aside.append(unescaped(content) + BREAK)
            case "xmp" | "textarea":
                self._text(content)
                page.close(name)
            case _:
                self._frame(attributes, content)
        if close is None:
            if name in ("style", "script", "title"):
                page.aside.append(_drop_tags(content))
            return len(document)
        end = TO_THE_END.match(document, close.end())
        return len(document) if end is None else end.end()

    def _frame(self, attributes: str, content: str) -> None:
        """A frame with the document that it brings along, or none; what stands between its tags is for readers that know none."""
        page = self.page
        page.out.append(MAYBE)
        if "src" in attributes.lower():
            self._show(map(self._framed, values(attributes, "srcdoc")))
            self._show(self._addressed(values(attributes, "src")))
        if content and not content.isspace():
            self._show_otherwise(content)
        page.out.append(MAYBE)

    def _show_otherwise(self, content: str) -> None:
        """Markup to some readers, or in some places, to others none."""
        framed = self._framed(content)
        self.page.flow.insert(Layer.INSTEAD, framed.displayed)
        self._keep(framed)

    def _keep(self, shown: Shown) -> None:
        """All of a document that is not displayed with this one."""
        page = self.page
        page.aside.append(BREAK.join(("", shown.displayed, shown.joined, shown.otherwise, shown.hidden, "")))
        page.seamless.append(shown.seamless)
        page.is_cut = page.is_cut or shown.is_cut

    def _show(self, documents: Iterable[Shown]) -> None:
        page = self.page
        for shown in documents:
            page.out += (BREAK, shown.displayed, BREAK, shown.joined, BREAK, shown.otherwise, BREAK)
            page.aside.append(shown.hidden + BREAK)
            page.seamless.append(shown.seamless)
            page.is_cut = page.is_cut or shown.is_cut

    def _addressed(self, addresses: Iterable[str]) -> Iterator[Shown]:
        """Documents that are written into their addresses."""
        for address in addresses:
            if (document := data_addresses.document(address)) is not None:
                yield Shown(document.text, "") if document.is_plain else self._framed(document.text)

    def _framed(self, document: str) -> Shown:
        self.frames += 1
        if self.depth >= _MAX_DEPTH or self.frames > _MAX_FRAMES:
            return Shown(_drop_tags(document), "", is_cut="<" in document)
        return _Reader(document, self.depth + 1).read()


def _drop_tags(markup: str) -> str:
    return unescaped(_ANY_TAG.sub(" ", markup))
