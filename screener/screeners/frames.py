"""The pipe between the service and a screening process: a length of four octets, then the payload.

Requests are pickled, because a process trusts the service that started it. Answers are JSON and read strictly, because a
process has touched hostile content: nothing that it says can be more than a screening or an excuse.
"""

import asyncio
import json
import pickle
import struct
from dataclasses import fields
from operator import attrgetter
from typing import BinaryIO

from screener.anatomy.budget import Budget
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.envelope import Body, Client, Envelope, Notify, Recipient, Return
from screener.mail.mail import Content, Mail, Octets
from screener.mail.verdict import Screening, screening_from_json, screening_to_json
from screener.policy.ruleset import RuleSet

LENGTH = struct.Struct(">I")
MAX_ANSWER = 64 * 1024 * 1024  # octets: more is no answer of ours


@dataclass(frozen=True, slots=True)
class Order:
    """What a screening process is started with."""

    ruleset: RuleSet
    memory: int  # octets of address space, RLIMIT_AS
    budget: Budget = Budget()


@dataclass(frozen=True, slots=True, eq=False)
class Sealed:
    """An order as it goes to each process: many rules take a while to be pickled."""

    ruleset: str  # their hash
    frame: bytes

    @classmethod
    def of(cls, order: Order) -> "Sealed":
        """For any number of processes."""
        return cls(order.ruleset.hash, request(order))


@dataclass(frozen=True, slots=True)
class Task:
    """One mail to judge. A big body goes by the path in its content, with no octets."""

    mail: Mail
    seconds: float  # the wall-clock limit the service will enforce
    pattern_factor: float  # a mail that is tried once more gets more time for its patterns


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has loaded its rules."""

    ruleset: str  # their hash
    has_network: bool  # the system did not let it leave the network


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why there is no screening; without a word of the mail."""

    text: str


def request(value: Order | Task) -> bytes:
    """One frame for the process."""
    payload = pickle.dumps(_flat(value) if isinstance(value, Task) else value, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(payload)) + payload


_FlatAddress = tuple[str, str, str]
_FlatClient = tuple[str, int, str, str, str, str, str, str, str, str]
_FlatContent = tuple[Octets, str, frozenset[str]]
_FlatRecipient = tuple[_FlatAddress, list[str], str]
_Parameters = tuple[str, bool, int | None, str | None, str]  # of MAIL
_FlatEnvelope = tuple[_FlatClient, _FlatAddress, list[_FlatRecipient], _Parameters]
_Flat = tuple[float, float, str, float, bytes, _FlatContent, _FlatEnvelope]


def _names(kind: type) -> list[str]:
    return [one.name for one in fields(kind)]


# All fields of each.
_ADDRESS: "attrgetter[_FlatAddress]" = attrgetter(*_names(Address))
_CLIENT: "attrgetter[_FlatClient]" = attrgetter(*_names(Client))
_CONTENT: "attrgetter[_FlatContent]" = attrgetter(*_names(Content))
_RECIPIENT: "attrgetter[tuple[Address, frozenset[Notify], str]]" = attrgetter(*_names(Recipient))
_ENVELOPE: "attrgetter[tuple[Client, Address, tuple[Recipient, ...], Body, bool, int | None, Return | None, str]]" = attrgetter(
    *_names(Envelope)
)
_MAIL: "attrgetter[tuple[str, float, Envelope, Content, bytes]]" = attrgetter(*_names(Mail))


def _flat(task: Task) -> _Flat:
    """A task without objects of ours: to pickle these, and to find their classes again, costs five times as much."""
    name, received, envelope, content, trace = _MAIL(task.mail)
    client, sender, recipients, body, smtputf8, size, ret, envid = _ENVELOPE(envelope)
    to = [(_ADDRESS(address), [*map(str, notify)], orcpt) for address, notify, orcpt in map(_RECIPIENT, recipients)]
    parameters = (str(body), smtputf8, size, ret and str(ret), envid)
    flat = (_CLIENT(client), _ADDRESS(sender), to, parameters)
    return task.seconds, task.pattern_factor, name, received, trace, _CONTENT(content), flat


def _task(flat: _Flat) -> Task:
    """The task that was made flat."""
    seconds, factor, name, received, trace, content, (client, sender, to, (body, smtputf8, size, ret, envid)) = flat
    recipients = tuple(Recipient(Address(*address), frozenset(map(Notify, notify)), orcpt) for address, notify, orcpt in to)
    envelope = Envelope(
        Client(*client), Address(*sender), recipients, Body(body), smtputf8, size, None if ret is None else Return(ret), envid
    )
    return Task(Mail(name, received, envelope, Content(*content), trace), seconds, factor)


def read_request(pipe: BinaryIO) -> Order | Task | None:
    """The next request, in the process; None when the service has closed the pipe."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    payload = pipe.read(LENGTH.unpack(head)[0])
    value = pickle.loads(payload)
    return _task(value) if isinstance(value, tuple) else value if isinstance(value, Order) else None


def answer(value: Ready | Screening | Excuse) -> bytes:
    """One frame for the service."""
    match value:
        case Ready():
            payload = b"R" + json.dumps([value.ruleset, value.has_network]).encode()
        case Screening():
            payload = b"S" + screening_to_json(value).encode("utf-8", "backslashreplace")
        case Excuse():
            payload = b"E" + json.dumps(value.text[:500]).encode()
    return LENGTH.pack(len(payload)) + payload


async def read_answer(pipe: asyncio.StreamReader) -> Ready | Screening | Excuse:
    """The next answer; raises ValueError for nonsense and asyncio.IncompleteReadError at the end of the pipe."""
    (length,) = LENGTH.unpack(await pipe.readexactly(LENGTH.size))
    if length > MAX_ANSWER:
        raise ValueError(f"an answer of {length} octets")
    payload = await pipe.readexactly(length)
    if payload[:1] == b"S":
        return screening_from_json(payload[1:])
    try:
        said = json.loads(payload[1:])
    except RecursionError as error:
        raise ValueError("too many brackets in one another") from error
    if payload[:1] == b"R":
        match said:
            case [str(ruleset), bool(has_network)]:
                return Ready(ruleset, has_network)
            case _:
                raise ValueError("an unreadable greeting")
    return Excuse(said if isinstance(said, str) else "unreadable excuse")
