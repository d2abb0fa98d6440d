"""The closed list of what can act when a document is opened: a name for rules and a sentence for people.

Who finds it is the reader of each format; whether it may pass is `policy`'s to say.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from screener.frozen import dataclass


class Active(StrEnum):
    """Every kind of active content, as a rule writes it."""

    SCRIPT = "script"
    EVENT = "event"
    SCRIPT_ADDRESS = "script-address"
    DATA_PAGE = "data-page"
    SMUGGLED_FILE = "smuggled-file"
    JAVASCRIPT = "javascript"
    LAUNCH = "launch"
    OPENS_ADDRESS = "opens-address"
    PACKAGED_FILE = "packaged-file"
    OBJECT = "object"
    LINKED_OBJECT = "linked-object"
    ACTIVEX = "activex"
    TEMPLATE = "template"
    SHARE = "share"
    DDE = "dde"


@dataclass(frozen=True, slots=True)
class ActiveFound:
    """What acts in a body, and where that stands ("part 1.2")."""

    kind: Active
    place: str


# Those of web pages, and so of bodies.
OF_PAGES = (Active.SCRIPT, Active.EVENT, Active.SCRIPT_ADDRESS, Active.DATA_PAGE, Active.SMUGGLED_FILE)
SENTENCES: Mapping[Active, str] = MappingProxyType(
    {
        Active.SCRIPT: "A web page or drawing has a script.",
        Active.EVENT: "A web page or drawing has script in an attribute such as onload.",
        Active.SCRIPT_ADDRESS: "A web page or drawing has a javascript: or vbscript: address.",
        Active.DATA_PAGE: "A web page or drawing opens another that is written into a data: address.",
        Active.SMUGGLED_FILE: "A web page or drawing holds or makes a file that the browser stores (HTML smuggling).",
        Active.JAVASCRIPT: "A PDF has JavaScript, or a form with script.",
        Active.LAUNCH: "A PDF, a shortcut, a slide or an event of an OpenDocument file starts a program.",
        Active.OPENS_ADDRESS: "A PDF goes to an address, or sends a form to one, as soon as it is opened.",
        Active.PACKAGED_FILE: "A document holds a file that is opened by a click on it (OLE package, OneNote).",
        Active.OBJECT: "An RTF holds an object of another program.",
        Active.LINKED_OBJECT: "A document loads an object from a web address, or from a share far away.",
        Active.ACTIVEX: "A document has an ActiveX control.",
        Active.TEMPLATE: "A document loads its template from a web address, or from a share far away.",
        Active.SHARE: "A document loads its template or an object from a share nearby, or a picture from one far away.",
        Active.DDE: "A document starts another program by DDE.",
    }
)
