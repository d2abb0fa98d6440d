"""Rules are found by their signs: what is found decides as all rules one by one would, and few rules are met."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes.letters import anatomy_of, letter
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.anatomy.message import Anatomy
from screener.frozen import dataclass
from screener.mail.address import Address
from screener.mail.mail import Mail
from screener.policy import signs
from screener.policy.look import Look, Passages
from screener.policy.pattern_time import PatternTime
from screener.policy.rulefile import compile_source
from screener.policy.ruleset import Rule, RuleSet
from screener.policy.source import Source
from screener.policy.truth import Answer, Around, Condition

Block = Mapping[str, object]

WORDS = ("nightjar", "badger", "visit us", "jar", "ﬁsh")
PATTERNS = ("night.?jar", r"v.s.t", r"\bbadger\s\d+", r"\d{3}-\d{2}", "visit|badger", "^bounce-")
DOMAINS = ("a.example", "b.a.example", ".a.example", ".example", "c.test")
ADDRESSES = ("ben@a.example", "eve@b.a.example", "bounce-1@c.test")
NETWORKS = ("192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32")
NAMES = ("badger*.doc", "night  jar.*", "?.txt", "n?ghtjar*", "report.pdf", "*.ta?.gz")
EXTENSIONS = ("exe", "pdf", "tar.gz", "doc")
FIELDS = ("X-Mailer", "Subject", "Reply-To")


def values(*pool: str) -> st.SearchStrategy[object]:
    return st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True)


def blocks(**keys: st.SearchStrategy[object]) -> st.SearchStrategy[Block]:
    """One or two keys of a block, now and then nested."""
    plain = st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({key: keys[key] for key in chosen})
    )
    several = st.lists(plain, min_size=1, max_size=2)
    nested = (several.map(lambda some: {"any": some}), several.map(lambda some: {"all": some}), negated(plain))
    return st.one_of(plain, plain, plain, plain, *nested)


def negated(block: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    return block.map(lambda one: {"not": one})


addresses = blocks(address=values(*ADDRESSES), domain=values(*DOMAINS), pattern=values(*PATTERNS))
texts = blocks(words=values(*WORDS), contains=values(*WORDS), pattern=values(*PATTERNS))
alike = st.one_of(texts, st.fixed_dictionaries({"words": values(*WORDS), "homoglyphs": st.just(True)}))
field = st.sampled_from(FIELDS)
CONDITIONS = blocks(
    sender=st.one_of(addresses, st.just({"null": True}), st.just({"null": False})),
    recipient=addresses,
    **{"from": addresses},
    header_address=st.builds(lambda name, shown, block: {"name": name, "display_names": shown, **block},
                             values("From", "Reply-To"), st.booleans(), addresses),
    client=blocks(address=values(*NETWORKS), name=values(*DOMAINS), helo=values("*.example", "client.example", "badger*"),
                  authenticated=st.sampled_from((True, False))),
    listener=values("inbound", "out*"),
    header=st.one_of(
        st.builds(lambda name, there: {"name": name, "exists": there}, field, st.booleans()),
        st.builds(lambda name, block: {"name": name, **block}, field, st.one_of(alike, st.just({"value": ["badger 12", "jar"]}))),
    ),
    subject=alike, body=alike, text=alike, attachment_text=texts,
    attachment=blocks(name=values(*NAMES), extension=values(*EXTENSIONS), pattern=values(*PATTERNS),
                      type=values("application/pdf"), size=st.just("> 1 KB")),
    attachments=st.just({"count": "> 1"}),
    recipients=st.just({"count": "> 1"}),
    message=st.just({"size": "> 1 KB"}),
)  # fmt: skip
RULES = st.lists(
    st.tuples(
        CONDITIONS, st.one_of(st.none(), CONDITIONS), st.sampled_from(("hold", "drop", "forward", "reject", "also", "observe"))
    ),
    min_size=8,
    max_size=16,
)

SAID = ("jar", "nightjar", "Night\u200bjar", "a VİSİT us", "badger 12", "123-45 fish", "nothing", "ｂadger", "nıghtjar", "nіghtjar")
ONCE = ("sender", "to", "from", "subject", "body", "header", "client", "name", "helo", "attachment")
LINES = {
    "sender": ("<>", *ADDRESSES, "x@b.a.example"), "to": (*ADDRESSES, "VISIT@c.test"),
    "from": ("Ben <ben@a.example>", '"eve@b.a.example" <x@other.test>', "badger 7"),
    "subject": SAID, "body": SAID, "html": ("<p>visit <b>us</b>",),
    "header": ("X-Mailer: Badger  12", "X-Mailer: vısit us", "Reply-To: bounce-1@c.test"),
    "client": ("192.0.2.7", "198.51.100.1", "2001:db8::7", "::ffff:192.0.2.9"), "name": ("mx.a.example", "A.example."),
    "helo": ("BADGER.test", "mx.example"), "user": ("ben",), "listener": ("inbound", "outbound"),
    "attachment": ("report.pdf", "Night  Jar.exe", "badger 12.doc", "x.tar.gz", "a.txt", "nİghtjar.exe"),
    "text-file": ("notes.txt about badger",),
}  # fmt: skip
MAILS = st.tuples(
    *(
        st.lists(st.sampled_from(values).map(f"{key}: {{}}".format), min_size=key in ONCE, max_size=2)
        for key, values in LINES.items()
    )
).map(lambda lines: letter(*(line for some in lines for line in some)))


def ruleset(rules: list[tuple[Block, Block | None, str]]) -> RuleSet:
    written = []
    for number, (when, unless, then) in enumerate(rules):
        does: dict[str, object] = (
            {"also": {"tag_subject": f"[{number}]"}} if then == "also" else {"then": "hold" if then == "observe" else then}
        )
        excepted: dict[str, object] = {} if unless is None else {"unless": unless}
        mode: dict[str, object] = {"mode": "observe"} if then == "observe" else {}
        written.append({"name": f"r{number}", "when": when, **excepted, **does, **mode})
    return compile_source(Source.of((("rules/10.yaml", json.dumps({"rules": written}).encode()),))).ruleset


@dataclass(frozen=True, slots=True)
class Opaque(Around[Address, Address]):
    """A condition that does not say what it needs: its rule is asked for every mail."""

    def judge(self, look: Look, of: Address) -> Answer:
        return self.inner.judge(look, of)

    @property
    def open_at_rcpt(self) -> bool:
        return self.inner.open_at_rcpt


def opaque(rules: RuleSet) -> RuleSet:
    """The same rules, asked one by one."""
    hidden: list[Rule] = []
    for rule in rules.rules:
        condition: Condition[Address] | None = None if rule.condition is None else Opaque(rule.condition)
        hidden.append(replace(rule, condition=condition))
    return RuleSet(
        tuple(hidden),
        rules.wordbook,
        set_hash=rules.hash,
        lists={},
        list_hashes={},
        lookalikes=rules.lookalikes,
        pattern_time=PatternTime(1.0, 20.0),
    )


@given(RULES, st.lists(MAILS, min_size=3, max_size=3))
@settings(max_examples=200, deadline=None)
@pytest.mark.parametrize("many", [0, 2])
def test_rules_found_by_signs_decide_as_all_rules_asked_one_by_one(
    many: int, rules: list[tuple[Block, Block | None, str]], mails: list[Mail]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signs, "MANY", many)
        found = ruleset(rules)
    plain = opaque(found)
    for mail in mails:
        assert found.screen(mail, anatomy_of(mail)).verdicts == plain.screen(mail, anatomy_of(mail)).verdicts
        envelope = mail.envelope
        for recipient in envelope.recipients:
            early = found.screen_recipient(envelope.client, envelope.sender, recipient.address)
            assert early == plain.screen_recipient(envelope.client, envelope.sender, recipient.address)


KINDS: tuple[Block, ...] = (
    {"sender": {"domain": "d{0}.example"}},
    {"sender": {"pattern": "^user{0}@"}},
    {"recipient": {"address": "r{0}@a.example"}},
    {"client": {"address": "10.0.{0}.0/24"}, "listener": "inbound"},
    {"client": {"helo": "h{0}.*"}},
    {"from": {"domain": ".d{0}.example"}},
    {"header": {"name": "X-Mailer", "contains": "mailer{0}"}},
    {"header": {"name": "X-Campaign", "value": "c{0}"}},
    {"subject": {"words": "word{0}"}, "recipient": {"domain": ".example"}},
    {"any": [{"body": {"contains": "text{0}"}}, {"attachment": {"extension": "x{0}"}}]},
    {"listener": "inbound", "body": {"words": "body{0}"}},
    {"text": {"pattern": "visit{0} us"}, "unless": {"client": {"address": "192.0.2.0/24"}}},
    {"attachment": {"name": "file{0}*.doc", "size": "> 1"}},
    {"attachment": {"pattern": "^file{0}.*"}},
)  # fmt: skip
SHOWN = (
    "sender: user101@d102.example", "to: r103@a.example", "client: 10.0.104.1", "helo: h105.test", "from: <x@y.d106.example>",
    "header: X-Mailer: Mailer107", "header: X-Campaign: C108", "subject: word109", "body: Visit110 us, text111 and body112",
    "attachment: file113.doc",
)  # fmt: skip


def test_a_mail_meets_only_rules_that_could_match(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty rules of each kind: those whose sign it shows, and not one more."""
    kinds = [json.loads(json.dumps(kind).replace("{0}", str(number))) for number in range(100, 160) for kind in KINDS]
    rules = ruleset([({key: kind[key] for key in kind if key != "unless"}, kind.get("unless"), "hold") for kind in kinds])
    met: list[str] = []
    judge = Rule.judge

    def noted(rule: Rule, look: Look, of: Address) -> Answer:
        met.append(rule.name)
        return judge(rule, look, of)

    monkeypatch.setattr(Rule, "judge", noted)
    mail = letter(*SHOWN)
    (found,) = rules.screen(mail, anatomy_of(mail)).verdicts
    assert [hit.rule for hit in found.hits] == met
    assert len(met) == len(KINDS)


def test_what_cannot_be_looked_at_holds_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule that needs it is asked, and says so; the others go on."""

    def broken(_look: Look, _anatomy: Anatomy) -> Passages:
        raise RuntimeError("a word of the mail")

    rules = ruleset([({"body": {"words": "badger"}}, None, "drop"), ({"subject": {"words": "hello"}}, None, "hold")])
    monkeypatch.setattr(Look, "body", broken)
    mail = letter("subject: Hello", "body: nothing")
    (found,) = rules.screen(mail, anatomy_of(mail)).verdicts
    assert (found.rule, found.unsure, [hit.rule for hit in found.hits]) == ("r0", True, ["r0", "r1"])
    assert found.evidence[0].text.startswith("could not be judged: RuntimeError in ")
