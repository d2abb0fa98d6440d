"""The positive control: planted bad letters, each with a good one after it.

It proves that a system screens at all, and that the plain one, whose speed is the yardstick, does not.
"""

import smtplib

from bench import lists
from bench.letters import RECIPIENT, SENDER, plain, with_file
from bench.systems.system import Bad, System
from bench.traffic import SendingFailed, Sink

_GOOD = plain("Nothing is wrong with this.\n")


def planted(bad: Bad) -> tuple[str, bytes]:
    """The envelope's sender and the letter."""
    match bad:
        case Bad.WORD:
            return SENDER, plain(f"This has {lists.PLANTED_WORD} in it.\n")
        case Bad.PATTERN:
            return SENDER, plain(f"This has {lists.PLANTED_TEXT} in it.\n")
        case Bad.SUBJECT:
            return SENDER, plain("Only the subject is bad.\n", subject=f"Offer of {lists.PLANTED_TEXT} today")
        case Bad.SENDER:
            return lists.PLANTED_SENDER, plain("Only the sender is bad.\n", sender=lists.PLANTED_SENDER)
        case Bad.FILE:
            return SENDER, with_file(lists.PLANTED_FILE, b"MZ\x90\x00" + bytes(200))


def prove(system: System, port: int, sink: Sink) -> None:
    """Send all of them; raises SendingFailed when what arrives is not exactly what the system lets through."""
    wrong = []
    for bad in Bad:
        before = sink.quiet(0.3)
        accepted = _send(port, *planted(bad))
        _send(port, SENDER, _GOOD)  # whatever is to come of the bad one comes before this one, or soon after
        if sink.wait_for(before + 1, 30) is None:
            raise SendingFailed(f"{system.name}: the good letter of the control did not arrive")
        arrived = sink.quiet(1.0) - before - 1
        if arrived != (0 if bad in system.catches else 1):
            wrong.append(f"{bad.value}: {'accepted' if accepted else 'refused'}, {arrived} arrived")
    if wrong:
        raise SendingFailed(f"{system.name} does not screen as it should: {'; '.join(wrong)}")


def _send(port: int, sender: str, letter: bytes) -> bool:
    """Whether it was accepted."""
    try:
        with smtplib.SMTP("127.0.0.1", port, "client.bench.example.net", 60) as client:
            client.sendmail(sender, [RECIPIENT], letter.replace(b"\n", b"\r\n"))
    except smtplib.SMTPResponseException as refused:
        return _refused(refused.smtp_code)
    except smtplib.SMTPRecipientsRefused as refused:
        return _refused(min(code for code, _ in refused.recipients.values()))
    return True


def _refused(code: int) -> bool:
    if code < 500:
        raise SendingFailed(f"the control was answered {code}: that is no screening")
    return False
