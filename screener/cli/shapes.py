"""The JSON lines of the commands: what `--json` prints. Keys are never taken away or given another meaning; new ones may come.

One recipient (`hold list`, `queue list`, and inside a mail): id, key, state, sender, recipient, subject, message_id, received,
size, action, rule, source, evidence, hits, target, route, queued, attempts, next_attempt, reply, next_hop, remote_id, doubtful,
changed. One mail (`trace`, `hold show`, `queue show`): id, received, client, sender, subject, message_id, from, size, ruleset,
defects, attachments, report_for, recipients, events. Evidence: condition, text, place, entry. Times are RFC 3339 in UTC, or null;
sizes are octets.
"""

from collections.abc import Iterable, Sequence

from screener.cli.plain import Json, json_time
from screener.mail.verdict import Evidence, Hit
from screener.store.records import Entry, Event, Stored


def evidence_shape(evidence: Iterable[Evidence]) -> list[Json]:
    """Why a rule matched."""
    return [{"condition": one.condition, "text": one.text, "place": one.place, "entry": one.entry} for one in evidence]


def recipient_shape(stored: Stored, entry: Entry) -> dict[str, Json]:
    """One recipient of a mail, as it stands."""
    verdict = entry.verdict
    return {
        "id": stored.id,
        "key": entry.key,
        "state": entry.state.value,
        "sender": stored.envelope.sender.text,
        "recipient": entry.recipient.address.text,
        "subject": stored.facts.subject,
        "message_id": stored.facts.message_id,
        "received": json_time(stored.received),
        "size": stored.size,
        "action": verdict.action.value,
        "rule": verdict.rule,
        "source": verdict.source,
        "evidence": evidence_shape(verdict.evidence),
        "hits": [hit_shape(hit) for hit in verdict.hits],
        "target": verdict.target.text if verdict.target is not None else "",
        "route": entry.route,
        "queued": json_time(entry.queued),
        "attempts": entry.attempts,
        "next_attempt": json_time(entry.next_attempt),
        "reply": entry.reply,
        "next_hop": entry.next_hop,
        "remote_id": entry.remote_id,
        "doubtful": entry.doubtful,
        "changed": json_time(entry.changed),
    }


def mail_shape(stored: Stored, entries: Sequence[Entry], events: Sequence[Event]) -> dict[str, Json]:
    """The whole story of a mail."""
    client = stored.envelope.client
    addresses = {entry.key: entry.recipient.address.text for entry in entries}
    return {
        "id": stored.id,
        "received": json_time(stored.received),
        "client": {
            "address": client.address,
            "name": client.name,
            "helo": client.helo,
            "authenticated": client.authenticated,
            "tls": client.tls,
            "listener": client.listener,
            "front": client.front,
            "front_id": client.front_id,
        },
        "sender": stored.envelope.sender.text,
        "subject": stored.facts.subject,
        "message_id": stored.facts.message_id,
        "from": stored.facts.from_,
        "size": stored.size,
        "ruleset": stored.ruleset,
        "defects": list(stored.facts.defects),
        "attachments": list(stored.facts.attachments),
        "report_for": stored.report_for,
        "recipients": [recipient_shape(stored, entry) for entry in entries],
        "events": [_event_shape(event, addresses) for event in events],
    }


def hit_shape(hit: Hit) -> Json:
    """A rule that matched."""
    return {
        "rule": hit.rule,
        "source": hit.source,
        "action": hit.action.value if hit.action is not None else None,
        "observed": hit.observed,
        "evidence": evidence_shape(hit.evidence),
    }


def _event_shape(event: Event, addresses: dict[int, str]) -> Json:
    return {
        "at": json_time(event.at),
        "kind": event.kind.value,
        "recipient": None if event.key is None else addresses.get(event.key, ""),
        "key": event.key,
        "who": event.who,
        "detail": event.detail,
    }
