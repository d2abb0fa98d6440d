"""Every message of the corpus through every fact: no exception, nothing that is not of its type."""

from fakes.corpus import specimens

from screener.anatomy.defects import DEFECTS
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.text import normalise


def everything(anatomy: Anatomy) -> None:
    """Ask every fact there is."""
    assert isinstance(anatomy.subject, str)
    assert len(anatomy.message_id) <= 998
    for name in ("from", "sender", "reply-to", "to"):
        assert all("@" in mailbox for mailbox in anatomy.mailboxes(name))
        anatomy.header(name)
    for attachment in anatomy.attachments:
        assert all(isinstance(name, str) for name in attachment.names)
        assert attachment.depth == len(attachment.inside)
        assert attachment.type in attachment.types or not attachment.type
        assert len(attachment.sha256) == 64
        assert attachment.size >= 0
        assert attachment.place
        _ = (attachment.extensions, attachment.encrypted, attachment.declared_type, attachment.octets())
    for text in (*anatomy.texts, *anatomy.attachment_texts):
        normalise(text.text)
    assert anatomy.leaves
    for found in anatomy.all_defects():
        assert found.defect in DEFECTS


def test_every_message_of_the_corpus_gives_every_fact() -> None:
    count = 0
    for specimen in specimens():
        everything(Anatomy(specimen.wire()))
        everything(Anatomy(specimen.stored()))
        count += 1
    assert count > 2_500


def test_without_foreign_parsers_the_corpus_gives_the_same_facts_or_asks_for_them() -> None:
    inline = asked = 0
    for specimen in specimens():
        content = specimen.wire()
        anatomy = Anatomy(content, inline=True)
        try:
            facts = [(one.names, one.type) for one in anatomy.attachments], anatomy.texts
        except NotInline:
            asked += 1
            continue
        inline += 1
        other = Anatomy(content)
        assert facts == ([(one.names, one.type) for one in other.attachments], other.texts), specimen.path
    assert inline > asked * 10
