"""The story of a mail for people: envelope, each recipient's verdict with its evidence, and what happened, in order of time."""

from collections.abc import Iterator, Sequence

import click

from screener.cli.plain import plain, shown_age, shown_due, shown_time
from screener.mail.envelope import Client
from screener.mail.verdict import Evidence, Verdict
from screener.store.records import Entry, Event, State, Stored
from screener.values import shown_size


def print_story(stored: Stored, entries: Sequence[Entry], events: Sequence[Event], now: float) -> None:
    """Print it; every text is escaped here."""
    for line in (*_mail_lines(stored), *_recipient_lines(entries, now), *_event_lines(entries, events)):
        click.echo(plain(line))


def evidence_lines(evidence: Sequence[Evidence]) -> Iterator[str]:
    """`condition: text [place, list line]`, not escaped yet."""
    for one in evidence:
        where = ", ".join(filter(None, (one.place, one.entry)))
        yield f"{one.condition}: {one.text}" + (f" [{where}]" if where else "")


def shown_verdict(verdict: Verdict) -> str:
    """`hold by rule programs (rules/20-attachments.yaml:4)`, not escaped yet."""
    goal = f" to {verdict.target}" if verdict.target is not None else ""
    by = f" by rule {verdict.rule} ({verdict.source})" if verdict.rule else ""
    unsure = ", could not be judged" if verdict.unsure else ""
    return f"{verdict.action}{goal}{by or ('' if verdict.unsure else ', no rule decided')}{unsure}"


def other_hit_lines(verdict: Verdict) -> Iterator[str]:
    """Rules that did not decide: `also matched: words (rules/30-words.yaml:9), observed only`, and why; not escaped yet."""
    for hit in verdict.hits:
        if hit.rule != verdict.rule:
            what = "observed only" if hit.observed else "adds" if hit.action is None else f"would {hit.action}"
            yield f"also matched: {hit.rule} ({hit.source}), {what}"
            for line in evidence_lines(hit.evidence):
                yield f"  {line}"


def _mail_lines(stored: Stored) -> Iterator[str]:
    facts = stored.facts
    yield f"Mail {stored.id}"
    told = {
        "received": f"{shown_time(stored.received)} {_from(stored.envelope.client)}",
        "sender": str(stored.envelope.sender),
        "from": facts.from_,
        "subject": facts.subject,
        "Message-ID": facts.message_id,
        "size": shown_size(stored.size),
        "attachments": ", ".join(facts.attachments),
        "defects": ", ".join(facts.defects),
        "rule set": stored.ruleset,
        "report on": stored.report_for,
    }
    for name, text in told.items():
        if text:
            yield f"  {name:<12}{text}"


def _from(client: Client) -> str:
    if not client.address:
        return "from Screener itself"
    words = [f"from {client.name} [{client.address}]" if client.name else f"from {client.address}"]
    if client.helo:
        words.append(f"helo {client.helo}")
    if client.authenticated:
        words.append(f"as {client.authenticated}")
    if client.listener:
        words.append(f"at {client.listener}")
    if client.front:
        words.append(f"through {client.front}" + (f" (its id {client.front_id})" if client.front_id else ""))
    return " ".join(words)


def _recipient_lines(entries: Sequence[Entry], now: float) -> Iterator[str]:
    yield "Recipients"
    for entry in entries:
        yield f"  {entry.recipient.address}: {_standing(entry, now)}"
        yield f"      verdict: {shown_verdict(entry.verdict)}"
        for line in evidence_lines(entry.verdict.evidence):
            yield f"        {line}"
        for line in other_hit_lines(entry.verdict):
            yield f"      {line}"
        for name, value in entry.verdict.edits.headers:
            yield f"      adds header: {name}: {value}"
        if entry.verdict.edits.subject_tag:
            yield f"      tags subject: {entry.verdict.edits.subject_tag}"


def _standing(entry: Entry, now: float) -> str:
    """Where the recipient's copy is and since when."""
    since = entry.changed or entry.received
    words = [f"{entry.state} for {shown_age(since, now)}" if entry.state.needs_content else f"{entry.state} {shown_time(since)}"]
    if entry.state is State.QUEUED:
        words.append(f"route {entry.route}, {entry.attempts} attempts, next {shown_due(entry.next_attempt, now)}")
    if entry.next_hop:
        words.append(f"next hop {entry.next_hop}")
    if entry.remote_id:
        words.append(f"its id {entry.remote_id}")
    if entry.reply:
        words.append(f"last reply: {entry.reply}")
    if entry.doubtful:
        words.append(f"{entry.doubtful} attempts without a final reply, each may have left a copy")
    return ", ".join(words)


def _event_lines(entries: Sequence[Entry], events: Sequence[Event]) -> Iterator[str]:
    addresses = {entry.key: str(entry.recipient.address) for entry in entries}
    yield "History"
    for event in events:
        whom = "" if event.key is None else f" {addresses.get(event.key, f'recipient {event.key}')}"
        who = f" by {event.who}" if event.who else ""
        detail = f": {event.detail}" if event.detail else ""
        yield f"  {shown_time(event.at)}  {event.kind}{whom}{who}{detail}"
