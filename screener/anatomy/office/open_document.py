"""What acts in the XML of OpenDocument files (ODF 1.3 part 3): macros, sources of DDE, what is loaded from elsewhere, events.

The same for a document in a ZIP and for a flat one. Promises: pure, linear, never raises.
"""

import re
from collections.abc import Iterator

from screener.anatomy.active import Active
from screener.anatomy.office import formulas, xml_parts
from screener.anatomy.office.xml_source import ATTRIBUTES, TAG

_ATTRIBUTES = rf"(?=[\s/>])({ATTRIBUTES})>"
# A flat document's modules (Basic's libraries of LibreOffice); an empty library has none.
_MODULE = re.compile(TAG + r"(?:source-code|byte-code)(?:\s[^<>]*+)?(?<!/)>")
_DDE = re.compile(TAG + r"(?:dde-source|dde-link|dde-connection-decl)(?=[\s/>])")
_FORMULA = re.compile(r":formula\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
# What is loaded with the document (ODF 1.3 part 3, 5.4.2, 9.2.10, 9.3.1, 10.4.4, 10.4.6, 10.4.8), and libraries of
# macros from elsewhere.
_PICTURES = ("image", "fill-image", "background-image", "plugin")
_LOADED = re.compile(
    TAG
    + rf"(template|section-source|table-source|cell-range-source|object|object-ole|floating-frame|library|{'|'.join(_PICTURES)})"
    + _ATTRIBUTES
)
_EVENT = re.compile(TAG + r"event-listener" + _ATTRIBUTES)
_MACRO = "vnd.sun.star.script:"
_PLACE = re.compile(r"[?&]location=([^&]*)")
# One of these stands in every part in which something acts.
MARKS = (
    b"DDE",
    b"dde-",
    b"dde ",
    b"formula",
    b"template",
    b"-source",
    b"object",
    b"floating-frame",
    b"event-listener",
    b"library",
    b"image",
    b"plugin",
)
_ROOT = re.compile(TAG + r"document[\s>]")
_VOCABULARY = "urn:oasis:names:tc:opendocument"
_HEAD = 16_384  # characters in which a flat document says what it is


def is_flat(markup: str) -> bool:
    """Whether markup is a whole document in one file (ODF 1.3 part 3, 3.1.2)."""
    root = _ROOT.search(markup, 0, _HEAD)
    return root is not None and markup.find(_VOCABULARY, 0, root.end() + _HEAD) >= 0


def has_macros(markup: str) -> bool:
    """Whether a module of a library stands in it."""
    return "-code" in markup and _MODULE.search(markup) is not None


def acting(markup: str) -> tuple[Active, ...]:
    """What acts in a part, or in a flat document: each kind once."""
    found: dict[Active, None] = {}
    if ("dde-" in markup and _DDE.search(markup) is not None) or any(_is_dde(one) for one in _formulas(markup)):
        found.setdefault(Active.DDE)
    if "href" in markup:
        for match in _LOADED.finditer(markup):
            target = dict(xml_parts.attributes(match[2])).get("href", "")
            if match[1] in _PICTURES:
                found |= dict.fromkeys(xml_parts.shown(target))
            else:
                found |= dict.fromkeys(xml_parts.loaded(target, is_template=match[1] == "template"))
    if "event-listener" in markup and any(_starts(match[1]) for match in _EVENT.finditer(markup)):
        found.setdefault(Active.LAUNCH)
    return tuple(found)


def _formulas(markup: str) -> Iterator[str]:
    if "formula" in markup:
        for match in _FORMULA.finditer(markup):
            yield match[1] if match[1] is not None else match[2]


def _is_dde(formula: str) -> bool:
    """Whether a cell takes its value from another program, by the function or by Excel's notation: program|topic!cell."""
    if "|" not in formula and "dd" not in formula.lower() and "&" not in formula:
        return False
    return formulas.calls(xml_parts.resolved(formula))


def _starts(tag: str) -> bool:
    """Whether an event runs something that is no macro of the document itself: of the installation, or a program."""
    given = dict(xml_parts.attributes(tag))
    target = given.get("href", "").strip().lower()
    place = _PLACE.search(target)
    return (target.startswith(_MACRO) and (place is None or place[1] != "document")) or given.get("action") == "execute"
