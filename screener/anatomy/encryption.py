"""Whether a mail, or a part of it, is encrypted for its reader: S/MIME, PGP/MIME, PGP in a text. A fact, not a defect.

Told by the declared types and by the first octets; nothing is decrypted. Signed mail is not encrypted. Bounded, never raises.
"""

import re
from collections.abc import Iterable

from screener.anatomy.containers import openpgp, signed
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime.part import Part
from screener.anatomy.repeated import repeated
from screener.frozen import dataclass

_SMIME = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime", "application/cms"))
_SMIME_ENDINGS = (".p7m", ".p7e")
_PGP_ENDINGS = (".asc", ".pgp", ".gpg")
# Content types of CMS that keep their content from others (RFC 5652 6.1, 8; RFC 5083 2.1): DER of their object identifiers.
_SEALED = (
    bytes.fromhex("06092a864886f70d010703"),
    bytes.fromhex("06092a864886f70d010706"),
    bytes.fromhex("060b2a864886f70d0109100117"),
)
_PAGE = "text/html"
_TEXTS = (("text/plain",), ("text/html",))
_BEGIN = b"-----BEGIN PGP MESSAGE"
_ARMOUR = re.compile(rb"^-----BEGIN PGP MESSAGE(?:, PART [0-9/]{1,9})?-----", re.MULTILINE)
_IN_PAGE = re.compile(rb">" + repeated(rb"\s|&nbsp;") + rb"-----BEGIN PGP MESSAGE(?:, PART [0-9/]{1,9})?-----", re.IGNORECASE)
_DECLARED = frozenset(("enveloped-data", "authenveloped-data", "encrypted-data"))


@dataclass(frozen=True, slots=True)
class Encryption:
    """One encrypted part: the way ("S/MIME", "PGP/MIME", "PGP") and the place."""

    way: str
    place: str


def find(parts: Iterable[Part], ledger: Ledger) -> tuple[Encryption, ...]:
    """Every encrypted part, in order."""
    return tuple(Encryption(way, part.place) for part in parts if (way := _way(part, ledger)))


def _way(part: Part, ledger: Ledger) -> str:
    types = part.types
    if "multipart/encrypted" in types or "application/pgp-encrypted" in types:
        return "PGP/MIME"
    if not part.is_leaf or part.is_message:
        return ""
    if types in _TEXTS and not part.name_candidates():
        return "PGP" if _is_armoured(part, ledger) else ""
    names = [name.lower() for name in part.name_candidates()]
    if not _SMIME.isdisjoint(types) or any(name.endswith(_SMIME_ENDINGS) for name in names):
        declared = {value.strip().lower() for field in part.content_types for value in field.readings("smime-type")}
        if declared & _DECLARED or any(
            mark in signed.unarmoured(content, 512)[:64] for content in part.contents(ledger) for mark in _SEALED
        ):
            return "S/MIME"
        return ""
    is_text = types[0].startswith("text/") or types[0] == "application/pgp"
    is_called = any(name.endswith(_PGP_ENDINGS) for name in names)
    if (is_text or is_called) and _is_armoured(part, ledger):
        return "PGP"
    return "PGP" if is_called and any(map(openpgp.is_sealed, part.contents(ledger))) else ""


def _is_armoured(part: Part, ledger: Ledger) -> bool:
    begins = (_ARMOUR, _IN_PAGE) if _PAGE in part.types else (_ARMOUR,)
    contents = [content for content in part.contents(ledger) if _BEGIN in content]
    return any(begin.search(content) is not None for content in contents for begin in begins)
