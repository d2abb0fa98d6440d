"""What the conditions on the content have in common: before it has come, at RCPT, nothing is known of it."""

from abc import abstractmethod

from screener.anatomy.message import Anatomy
from screener.mail.address import Address
from screener.policy.look import Look
from screener.policy.truth import UNKNOWN, Answer, Condition


class OfContent(Condition[Address]):
    """Something that only the content shows."""

    __slots__ = ()

    @property
    def reads_content(self) -> bool:
        return True

    def judge(self, look: Look, _of: Address, /) -> Answer:
        return UNKNOWN if look.anatomy is None else self.judge_content(look, look.anatomy)

    @abstractmethod
    def judge_content(self, look: Look, anatomy: Anatomy, /) -> Answer:
        """The answer, once the content is there."""
