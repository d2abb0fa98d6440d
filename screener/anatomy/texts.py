"""The texts of a mail, decoded: what its bodies show, what they hide, and what text attachments say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from screener.anatomy import charset_names, charsets, invitation, latin, page_texts
from screener.anatomy.attachment import Attachment
from screener.anatomy.containers import tnef
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.html import markup, turning
from screener.anatomy.ledger import Ledger
from screener.anatomy.linked_sheets import LinkedSheets
from screener.anatomy.mime import encoded_words
from screener.anatomy.mime.part import Part
from screener.anatomy.mime.textual import is_textual
from screener.anatomy.office import xml_source, xml_text
from screener.anatomy.rtf import text as rtf_text
from screener.anatomy.rtf import wrapped
from screener.anatomy.text import Text, TextKind, growing, turned

# What a page or an XML document says of itself (HTML 4.2.5.4, XML 1.0 4.3.3).
_OWN_CHARSET = re.compile(
    rb"(?:<meta[^<>]{1,200}?charset|<\?xml[^<>]{1,200}?encoding)\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_ENRICHED = frozenset(("text/enriched", "text/richtext"))
_PARAM = re.compile(r"<param>([^<]*+)</param>", re.IGNORECASE)  # of a colour, a font: not shown (RFC 1896)
_LINE = re.compile(r"<n[lp]>", re.IGNORECASE)  # RFC 1341 7.1.3, …
_NOTE = re.compile(r"<(?:(/)|)comment>", re.IGNORECASE)  # … what is between them is not shown
_COMMAND = re.compile(r"<(?:(<)|[^<>]*+>)")  # there are no comments among them, and no scripts; "<<" shows "<"
_MARKED_UP = markup.BODIES | _ENRICHED
_PAGES_TO_ALL = frozenset(("text/html", "application/xhtml+xml"))  # others are shown as they came, too (RFC 2046 4.1.4)
# Documents that are packed XML: whose white space between elements means nothing, how their files and pages in them begin.
_OPEN_XML = ("application/vnd.openxmlformats-officedocument", "application/vnd.ms-")
_OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument"
_NAMES = 4096  # characters in which an XML document names its vocabulary
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_BEFORE_RTF = 80  # characters: blanks may stand before one
_ELEMENT = re.compile(r"\ufeff?\s*+<[?!A-Za-z_]")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}>\s*)?<(?:!doctype\s+html|html)", re.IGNORECASE)
_PAGE_HEAD = 64  # octets
_TNEF = "application/vnd.ms-tnef"
_PAGES = frozenset(("htm", "html", "shtml", "xhtml", "xht"))
# A line that goes on, blank deleted, and how the next begins: quoted as well, or with a blank stuffed in (RFC 3676 4.1, 4.4, 4.5).
_FLOWED = re.compile(r" \r?\n>*+ ?")
_HEADERS = frozenset(("text/rfc822-headers", "text/rfc822-header"))  # RFC 6522 4, and as it was before (RFC 1892)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
# What shows nothing and may be long; without an end it goes on to that of the document, so that each octet is looked at once.
# What Outlook reads in a conditional comment stays.
_SILENT = re.compile(
    rb"<!--(?!\s{0,9}\[if)(?:-?>|.*?(?:--!?>|\Z))|<(?P<name>style|script)\b.*?(?:</(?P=name)[^<>]*+>?|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_UNSAID = ("ascii", "utf_8")  # what a text is where nothing is said of it
_MAX_CHARSETS = 4


def bodies(leaves: Iterable[Part], ledger: Ledger) -> Iterator[Text]:
    """Every view of every body. A text with a file name is one as well, unless it says it is an attachment."""
    leaves = tuple(leaves)
    sheets = LinkedSheets(leaves)
    for part in leaves:
        if is_textual(part) or any(media.startswith("text/") for media in part.types):
            if not part.is_attachment:
                joined = any(value.lower() == "yes" for field in part.content_types for value in field.readings("delsp"))
                returned = not _HEADERS.isdisjoint(part.types)
                for content in part.contents(ledger):
                    for text in _views(content, part.charsets(), part.types, part.place, None, ledger):
                        yield text
                        if joined:
                            yield Text(text.place, text.kind, _FLOWED.sub("", text.text), "lines joined (delsp)")
                        if returned and "=?" in text.text:
                            yield Text(
                                text.place, text.kind, encoded_words.decode(_FOLD.sub("", text.text)), "encoded words decoded"
                            )
                    if not _MARKED_UP.isdisjoint(part.types) and (page := sheets.written_in(content, ledger, part.place)):
                        for text in _views(page, part.charsets(), part.types, part.place, None, ledger):
                            yield replace(text, view=page_texts.both(text.view, "with the style sheets it leads to"))
        elif any("tnef" in media for media in part.types):
            for content in part.contents(ledger):
                yield from _of_tnef(tnef.read(content), part.place, None, ledger)


def _of_tnef(read: tnef.Tnef, place: str, kind: TextKind | None, ledger: Ledger) -> Iterator[Text]:
    """The bodies in a winmail.dat; of one that is a file, and of a message in one, who it is from and to as well."""
    for form, octets, charset in read.shown(people=kind is not None):
        media = ("text/html",) if form == "html" else ("text/plain",)
        shown = ledger.unpack_rtf(octets, place) if form == "rtf" else octets
        yield from _views(shown, read.charsets(form, charset), media, place, kind, ledger)


def attached(attachments: Iterable[Attachment], ledger: Ledger) -> Iterator[Text]:
    """The text of every attachment that some reader shows as text, and of documents; last what is binary and only called text."""
    attachments = tuple(attachments)
    for attachment in attachments:
        # As a part of the mail itself it is among the bodies.
        if _TNEF in attachment.identified.types and (
            attachment.around.level or not any("tnef" in one for one in attachment.declared_types)
        ):
            yield from _of_tnef(attachment.winmail, attachment.place, TextKind.ATTACHMENT, ledger)
    files = [one for one in attachments if not one.type_is_message]
    readable = [one for one in files if one.is_read_as_text]
    documents = iter([one for one in files if one.opened.pages or one.opened.texts])
    for attachment in sorted(readable, key=_is_binary):
        if _is_binary(attachment):
            yield from _documents(documents, ledger)
        types = ("text/html",) if {"text/html", "application/hta"} & attachment.identified.types else _opened_as(attachment)
        # A file may be opened by a program that never sees what the mail declares.
        declared = tuple(dict.fromkeys((*attachment.declared_charsets, "")))
        yield from _views(attachment.octets(), declared, types, attachment.place, TextKind.ATTACHMENT, ledger)
    yield from _documents(documents, ledger)


def _documents(attachments: Iterable[Attachment], ledger: Ledger) -> Iterator[Text]:
    """The text of documents that are packed XML, or none."""
    for attachment in attachments:
        place = attachment.place
        for read in attachment.opened.texts:
            text = read(ledger.text_left + 1)
            granted = ledger.spend_read(len(text), place)
            yield from _counted([Text(place, TextKind.ATTACHMENT, text[:granted])] if text else [], place, ledger)
        gaps = not attachment.type.startswith(_OPEN_XML)
        for page in attachment.opened.pages:
            if _MARKUP.match(page.read(_PAGE_HEAD)) is None:
                continue
            content = page.read(min(ledger.document_text_left, ledger.unpacked_left) + 1)
            ledger.spend_unpacked(len(content), place)
            content = content[: ledger.spend_document_text(len(content), place)]
            if _HTML.match(content) is not None:
                yield from _views(content, ("",), ("text/html",), place, TextKind.ATTACHMENT, ledger)
            else:
                yield from _counted(list(_page(content, gaps, place, ledger)), place, ledger)


def _page(content: bytes, gaps: bool, place: str, ledger: Ledger) -> Iterator[Text]:
    """What a document shows and keeps in one of its XML files."""
    said = _OWN_CHARSET.search(content, 0, 2048)
    for text, _ in _readings(content, ("",), said[1].decode("ascii") if said is not None else "", place, ledger):
        _tell_cut(text, place, ledger)
        for shown in xml_text.read(text, gaps=gaps):
            if shown:
                yield Text(place, TextKind.ATTACHMENT, shown)


def _opened_as(attachment: Attachment) -> tuple[str, ...]:
    """As what its text is shown where its beginning does not tell: a page as one, and its source by an editor."""
    pages = not _PAGES.isdisjoint(attachment.last_extensions) or not _MARKED_UP.isdisjoint(attachment.declared_types)
    return ("text/html", "text/plain") if pages else ("text/plain",)


def _is_binary(attachment: Attachment) -> bool:
    """Whether it is called a text, but is something else by its content."""
    return bool(attachment.identified.types) and not attachment.is_text


def _views(
    content: bytes, declared: tuple[str, ...], types: tuple[str, ...], place: str, kind: TextKind | None, ledger: Ledger
) -> list[Text]:
    """The text of some octets; `kind` where it is not told by the types."""
    marked_up = not _MARKED_UP.isdisjoint(types)
    if marked_up and not ledger.inline and len(content) > ledger.text_left:
        content = _SILENT.sub(b"", content)
    granted = ledger.spend_read(len(content), place)
    if granted < len(content):
        content = content[:granted]
    found = list(_shown(content, declared, types, place, kind, ledger, marked_up=marked_up))
    further = list(latin.further(found, content, declared, place, ledger))
    ledger.spend_inline(sum([len(text.text) for text in further]), ledger.budget.inline_text, "letters of texts read anew")
    return _counted(found + further, place, ledger)


def _counted(found: list[Text], place: str, ledger: Ledger) -> list[Text]:
    """Views of one thing, as far as there may be more text for words."""
    if ledger.inline:
        letters = sum([growing(text.text) for text in found])
        ledger.spend_inline(letters, ledger.budget.inline_growing, "letters that become several as words are looked for")
    limit = len(found[0].text) if len(found) == 1 else max([len(text.text) for text in found], default=0)
    granted = ledger.spend_text(limit, place)
    return found if granted == limit else [replace(text, text=text.text[:granted]) for text in found]


def _shown(
    content: bytes,
    declared: tuple[str, ...],
    types: tuple[str, ...],
    place: str,
    kind: TextKind | None,
    ledger: Ledger,
    *,
    marked_up: bool,
) -> Iterator[Text]:
    """Every view of some octets."""
    own = ""
    if (marked_up or kind is TextKind.ATTACHMENT) and (said := _OWN_CHARSET.search(content, 0, 2048)) is not None:
        own = said[1].decode("ascii")
    readings = _readings(content, declared, own, place, ledger)
    for text, as_read in _written_out(readings, place, ledger) if marked_up else readings:
        if marked_up:
            ledger.spend_inline(text.count("<"), ledger.budget.inline_tags, "tags")
            may_turn = turning.may_turn(text)
            text = turning.marked(text)
            page = text
            if not _ENRICHED.isdisjoint(types):
                yield Text(place, kind or TextKind.HTML, _COMMAND.sub(r"\1", _LINE.sub("\n", _PARAM.sub("", text))), as_read)
                page = _PARAM.sub(r"<i style=display:none>\1</i>", text)
                page = _NOTE.sub(lambda tag: "</i>" if tag[1] else "<i style=display:none>", page)
            yield from page_texts.views(page, place, kind, as_read, ledger, may_turn=may_turn)
        if not marked_up or not _PAGES_TO_ALL.issuperset(types):
            yield Text(place, kind or TextKind.PLAIN, text, as_read)
            if "\u202e" in text:
                yield Text(place, kind or TextKind.PLAIN, turned(text), page_texts.TURNED_BACK)
            if (at := text.find("{\\rt", 0, _BEFORE_RTF)) >= 0 and not text[:at].strip("\ufeff \t\r\n"):
                for read in rtf_text.read(text[at:], ledger, place):
                    yield Text(place, kind or TextKind.PLAIN, read, "as RTF")
                for page in wrapped.pages(text[at:], ledger, place):
                    ledger.spend_inline(page.count("<"), ledger.budget.inline_tags, "tags")
                    yield from page_texts.views(page, place, kind, "as RTF", ledger)
            if invitation.is_one(text):
                yield Text(place, kind or TextKind.PLAIN, invitation.shown(text), "as a calendar or card")
                for page in invitation.pages(text):
                    ledger.spend_inline(page.count("<"), ledger.budget.inline_tags, "tags")
                    yield from page_texts.views(page, place, kind, "as a page in a calendar or card", ledger)
            if kind is TextKind.ATTACHMENT and not marked_up and _ELEMENT.match(text) is not None:
                _tell_cut(text, place, ledger)
                for shown_or_kept in xml_text.read(text, gaps=_OPEN_DOCUMENT in text[:_NAMES]):
                    yield Text(place, kind, shown_or_kept)


def _written_out(readings: list[tuple[str, str]], place: str, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Each reading of a page, and with the entities of its document type put in, as readers have it that take it for XML."""
    for text, as_read in readings:
        yield text, as_read
        if "<!ENTITY" in text:
            ledger.refuse_inline(f"entities of {place}")
            page, is_cut = xml_source.read(text)
            if is_cut:
                ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
            yield page[: ledger.spend_read(len(page), place)], page_texts.both(as_read, "with its entities")


def _tell_cut(markup: str, place: str, ledger: Ledger) -> None:
    if "<!ENTITY" in markup and xml_source.read(markup)[1]:
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)


def _readings(content: bytes, declared: tuple[str, ...], own: str, place: str, ledger: Ledger) -> list[tuple[str, str]]:
    """Every text some octets are, in each declared charset and in their own; also without NULs, which readers skip.

    Each with how it is read: "" where that is as declared, or where nothing is and it needs no guess.
    """
    if own and declared == ("",):
        declared = (own,)
    if ledger.inline and any(charsets.is_broken(content, one) for one in declared):
        ledger.spend_inline(len(content), ledger.budget.inline_broken, "octets of texts that are not in their charset")
    likely: list[tuple[str, ...]] = []  # the charsets, once they are found out

    def detect(octets: bytes) -> tuple[str, ...]:
        if not likely:
            likely.append(ledger.charsets_of(octets, place))
        return likely[0]

    first = charsets.readings(content, declared[0], detect)
    if len(declared) == 1 == len(first.texts) and not (own or likely or first.unknown or first.wrong) and b"\0" not in content:
        return [(first.texts[0], "")]
    found: dict[str, str] = {}
    if len(declared) > _MAX_CHARSETS:
        ledger.note(Defect.TEXT_TRUNCATED, place, Limit.FIXED)
        declared = (*declared[: _MAX_CHARSETS - 1], declared[-1])
    is_open = first.open
    for readings in (first, *[charsets.readings(content, charset, detect) for charset in declared[1:]]):
        is_open = is_open or readings.open
        if readings.unknown:
            ledger.note(Defect.UNKNOWN_CHARSET, place)
        if readings.wrong:
            ledger.note(Defect.WRONG_CHARSET, place)
        _add(readings, found)
    if own and all(charset_names.codec(own) != charset_names.codec(charset) for charset in declared):
        # Whoever recodes a page on its way forgets to say so within: that they differ is no defect.
        _add(charsets.readings(content, own, detect), found)
    if b"\0" in content:
        for text, name in [*found.items()]:
            found.setdefault(text.replace("\0", ""), name)
    if is_open or (likely == [()] and not charsets.is_noise(content)):
        names, granted = ledger.guesses(len(content), place)
        for text, name in charsets.guessed(content[:granted].replace(b"\0", b""), names):
            found.setdefault(text, name)
    said = charset_names.codec(declared[0]) if declared[0] else ""
    return [(text, "" if _is_expected(name, said, declared[0]) else charsets.as_read(name)) for text, name in found.items()]


def _add(readings: charsets.Readings, found: dict[str, str]) -> None:
    for text, name in zip(readings.texts, readings.codecs or ("",), strict=True):
        found.setdefault(text, name)


def _is_expected(name: str, said: str, declared: str) -> bool:
    """Whether a codec is the declared one (""), with a mark or without; ASCII or UTF-8 where none is."""
    return not name or (name.startswith(said) if said else not declared and name in _UNSAID)
