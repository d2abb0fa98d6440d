"""The few facts of a mail that its history and people want: subject, ids, names. Printable and bounded, whatever the mail says."""

from screener.anatomy.message import Anatomy, NotInline
from screener.mail.verdict import Facts
from screener.policy.truth import printable

MAX_TEXT = 998  # characters, a line of RFC 5322 2.1.1
MAX_ATTACHMENTS = 20
MAX_DEFECTS = 50


def facts_of(anatomy: Anatomy) -> Facts:
    """Where looking into attachments raises NotInline, the top-level names must do; where the header does, so does this."""
    return Facts(
        subject=printable(anatomy.subject, MAX_TEXT),
        message_id=printable(anatomy.message_id, MAX_TEXT),
        from_=printable(next(iter(anatomy.header("from")), ""), MAX_TEXT),
        attachments=_attachments(anatomy),
        defects=tuple(dict.fromkeys(str(found.defect) for found in anatomy.defects))[:MAX_DEFECTS],
    )


def _attachments(anatomy: Anatomy) -> tuple[str, ...]:
    try:
        things = [(one.names, one.declared_type) for one in anatomy.attachments[:MAX_ATTACHMENTS]]
    except NotInline:
        leaves = [(leaf.name_candidates(), leaf.media_type) for leaf in anatomy.leaves]
        things = [(names, declared) for names, declared in leaves if names][:MAX_ATTACHMENTS]
    return tuple(printable(names[0] if names else f"({declared or 'unnamed'})", MAX_TEXT) for names, declared in things)
