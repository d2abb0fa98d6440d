"""Joins to the tree of a mail what its opaque S/MIME parts wrap: text and files that readers show as the mail's own.

Promises: bounded by the ledger, never raises but NotInline. What comes as a mere file, not declared and not named as
S/MIME, and what wraps a mere file, is opened as a container by `attachments`.
"""

from screener.anatomy.containers import signed
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.mime import structure
from screener.anatomy.mime.part import Part, walk

_MUCH = 64 * 1024  # octets that the service itself opens


def join(root: Part, ledger: Ledger) -> None:
    """Make what is wrapped children of the part that wraps it; it stays a file, too."""
    if not root.children and root.types[0].startswith("text/") and len(root.types) == 1:
        return
    pending = [(part, 0) for part in walk(root) if part.is_leaf and not part.is_message and _is_declared(part)]
    while pending:
        part, depth = pending.pop()
        for content in part.contents(ledger):
            if not signed.is_signed(content):
                continue
            if depth >= ledger.budget.container_depth:
                ledger.note(Defect.CONTAINER_TOO_DEEP, part.place)
                continue
            if len(content) > _MUCH:
                ledger.refuse_inline(f"{part.place} is signed and large")
            found = signed.content(content, ledger, part.place)
            if found and signed.is_entity(found) and ledger.spend_decoded(len(found), part.place):
                tree = structure.read(found, ledger, part.number)
                part.is_unwrapped = True
                part.children = (*part.children, tree)
                pending.extend((one, depth + 1) for one in walk(tree) if one.is_leaf and _is_declared(one))


def _is_declared(part: Part) -> bool:
    """Whether it says in any way that it is S/MIME (RFC 8551 3.9)."""
    if part.types[0].startswith("text/") and len(part.types) == 1:
        return False
    return any("pkcs7" in media or media == "application/cms" for media in part.types) or any(
        ".p7" in name.lower() for name in part.name_candidates()
    )
