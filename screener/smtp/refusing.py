"""A mail or a recipient is refused: it is counted, and told in the log with all that is known of it."""

from screener.log import say
from screener.mail.envelope import Client
from screener.mail.reply import Reply
from screener.smtp.entrance import Entrance
from screener.smtp.grammar import MailFrom


def refused(
    entrance: Entrance, reason: str, reply: Reply, client: Client, command: MailFrom, recipient: str | None = None
) -> Reply:
    """The reply, once it is counted and told."""
    entrance.metrics.refusal(client.listener, reason)
    say(
        "refused",
        client=client.address,
        front=client.front or None,
        front_id=client.front_id or None,
        helo=client.helo or None,
        sender=str(command.sender),
        recipient=recipient,
        reply=str(reply),
    )
    return reply
