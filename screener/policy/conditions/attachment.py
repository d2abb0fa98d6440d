"""`attachment` and `attachments`: files, inside containers too. The keys of one `attachment` block speak of the same file."""

from functools import partial

from screener.anatomy.message import Anatomy, Attachment
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.policy.combine import covers
from screener.policy.conditions.content import OfContent
from screener.policy.conditions.file import AnyFile, shown_name
from screener.policy.conditions.file_content import CONTENT_KEYS
from screener.policy.conditions.file_names import NAME_KEYS
from screener.policy.keys import compared
from screener.policy.look import Look
from screener.policy.reading import KeyReader, Reading
from screener.policy.signs import PRESENT, one_of
from screener.policy.truth import NO, Answer, Around, Condition, Keyed, Needs, any_of, evidence, told_of
from screener.values import Comparison, shown_size
from screener.yamlfile import Node


@dataclass(frozen=True, slots=True)
class AnyAttachment(OfContent, Around[Address, Attachment]):
    """`attachment: …`: one file for which all keys hold."""

    @property
    def needs(self) -> Needs:
        return self.inner.needs or AnyFile().signs(one_of([PRESENT]))

    def judge_content(self, look: Look, anatomy: Anatomy) -> Answer:
        return any_of(self._judge_one(look, attachment) for attachment in anatomy.attachments)

    def _judge_one(self, look: Look, attachment: Attachment) -> Answer:
        answer = self.inner.judge(look, attachment)
        return told_of(answer, shown_name(attachment), attachment.place) if answer.truth else answer

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, AnyAttachment) and covers(self.inner, other.inner)


@dataclass(frozen=True, slots=True)
class AttachmentsSum(OfContent, Keyed[Address]):
    """`attachments: {count: '> 20'}` or `{size: '> 30 MiB'}`: of the mail's own files, without those inside containers."""

    comparison: Comparison
    octets: bool

    @property
    def cost(self) -> int:
        return 8

    def judge_content(self, _look: Look, anatomy: Anatomy) -> Answer:
        sizes = [attachment.size for attachment in anatomy.attachments if attachment.depth == 0]
        number = sum(sizes) if self.octets else len(sizes)
        if not self.comparison.holds(number):
            return NO
        shown = f"{number} octets ({shown_size(number)}) together" if self.octets else f"{number} attachments"
        return evidence(self.key, shown, "attachments")

    def covers(self, other: Condition[Address]) -> bool:
        return isinstance(other, AttachmentsSum) and self.octets is other.octets and self.comparison.covers(other.comparison)


ATTACHMENT_KEYS: dict[str, KeyReader[Attachment]] = NAME_KEYS | CONTENT_KEYS
ATTACHMENTS_KEYS: dict[str, KeyReader[Address]] = {
    "count": compared("count", partial(AttachmentsSum, octets=False)),
    "size": compared("size", partial(AttachmentsSum, octets=True)),
}


def read_attachment(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `attachment`."""
    inner = reading.block(node, label, ATTACHMENT_KEYS)
    return None if inner is None else AnyAttachment(inner)


def read_attachments(reading: Reading, node: Node, label: str) -> Condition[Address] | None:
    """The block `attachments`: all files of the mail together."""
    return reading.block(node, label, ATTACHMENTS_KEYS)
