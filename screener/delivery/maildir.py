"""A route that ends in a Maildir: each parcel becomes a file in `new`. IIS called this the Drop directory.

Promises what a next hop's 250 promises: the file is whole and on the disk, under its final name, when the answer is given. The
name is made of the mail's id and its recipients, so an attempt that is repeated because the service died before it could be
recorded replaces the file and leaves no second one, as long as nobody has moved it.

On top of the copy stand the fields in which a final delivery keeps the envelope, and nothing else is added: one Return-Path
(RFC 5321 4.4) and a Delivered-To for each recipient. Lines end with CRLF, octet for octet as they would go over the wire.
"""

import asyncio
import hashlib
import os
from pathlib import Path

from screener.delivery.outcome import Answer, Fate, Parcel, deferred
from screener.delivery.stuffing import BLOCK
from screener.mail.reply import Reply

NEXT_HOP = "maildir"


class MaildirCourier:
    """Carries parcels into one Maildir; makes it when it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, parcel: Parcel) -> tuple[Answer, ...]:
        """See `courier.Courier.deliver`."""
        try:
            name = await asyncio.to_thread(deliver, self._folder, parcel)
        except OSError as error:
            answer = deferred("4.3.0", f"The Maildir cannot be written: {error.strerror or type(error).__name__}", NEXT_HOP)
        else:
            answer = Answer(Fate.DELIVERED, Reply(250, "2.0.0", f"Kept as {name}"), NEXT_HOP, name, heard=False)
        return (answer,) * len(parcel.recipients)

    async def close(self) -> None:
        """Nothing is kept between attempts."""


def deliver(folder: Path, parcel: Parcel) -> str:
    """Write the file: tmp, fsync, new, fsync of the folder; returns its name. Raises OSError."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    name = _name(parcel)
    temporary = folder / "tmp" / name
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _write(descriptor, _envelope_fields(parcel))
        for octets, start, end in parcel.spans:
            for at in range(start, end, BLOCK):
                _write(descriptor, octets[at : min(at + BLOCK, end)])
        os.fsync(descriptor)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    temporary.replace(folder / "new" / name)
    directory = os.open(folder / "new", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return name


def _envelope_fields(parcel: Parcel) -> bytes:
    lines = [f"Return-Path: <{parcel.sender.text}>", *(f"Delivered-To: {one.address.text}" for one in parcel.recipients)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def _name(parcel: Parcel) -> str:
    recipients = "\n".join(one.address.text for one in parcel.recipients)
    return f"{parcel.mail_id}.{hashlib.sha256(recipients.encode('utf-8')).hexdigest()[:8]}.eml"


def _write(descriptor: int, octets: bytes) -> None:
    view = memoryview(octets)
    while view:
        view = view[os.write(descriptor, view) :]
