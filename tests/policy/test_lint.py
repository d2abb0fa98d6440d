"""What is odd about a rule set that works: "never acts" is proved, never guessed."""

import pytest
from fakes.letters import anatomy_of, letter

from screener.mail.address import Address
from screener.policy.rulefile import compile_source
from screener.policy.source import Source


def warnings(rules: str, **lists: str) -> list[str]:
    files = tuple((f"rules/lists/{name}.txt", text.encode()) for name, text in lists.items())
    found = compile_source(
        Source.of((("r.yaml", rules.encode()),), files), routable=lambda one: one.domain == "example.org"
    ).warnings
    return [str(one) for one in found]


def shadowed(first: str, second: str, then: str = "hold") -> bool:
    """Whether a rule with the condition `second` is said never to fire behind one with `first`."""
    text = f"rules:\n  - {{name: first, {first}, then: {then}}}\n  - {{name: second, {second}, then: hold}}\n"
    return any("'second' never acts" in one for one in warnings(text))


COVERED = [
    ("when: {sender: {domain: .example}}", "when: {sender: {domain: [a.example, .b.example]}}"),
    ("when: {sender: {domain: a.example}}", "when: {sender: {address: [x@a.example, y@A.example]}}"),
    ("when: {sender: {domain: a.example}}", "when: {sender: {domain: a.example}, subject: {words: x}}"),
    ("when: {recipient: {address: [a@x.example, b@x.example]}}", "when: {recipient: {address: B@x.example}}"),
    ("when: {client: {address: 10.0.0.0/8}}", "when: {client: {address: [10.1.0.0/16, 10.9.9.9]}}"),
    ("when: {client: {helo: [a, b]}}", "when: {client: {helo: B}}"),
    ("when: {attachment: {extension: [exe, scr]}}", "when: {attachment: {extension: EXE, size: '> 1 MB'}}"),
    ("when: {attachment: {size: '> 1 MB'}}", "when: {attachment: {size: '> 2 MB'}}"),
    ("when: {attachment: {type: image/*}}", "when: {attachment: {type: image/png}}"),
    ("when: {attachment: {name: '*.exe'}}", "when: {attachment: {name: [a.exe, '*.EXE']}}"),
    ("when: {attachments: {count: '> 3'}}", "when: {attachments: {count: 7}}"),
    ("when: {message: {size: '> 1 KB'}}", "when: {message: {size: '>= 1 MB', hops: 1}}"),
    ("when: {message: {defects: ambiguous}}", "when: {message: {defects: several-from}}"),
    ("when: {recipients: {count: '> 3'}}", "when: {recipients: {count: '> 5'}}"),
    ("when: {subject: {words: [a1, b1, c1]}}", "when: {subject: {words: [b1]}}"),
    ("when: {text: {contains: x1}}", "when: {subject: {words: x1}}"),
    ("when: {text: {words: x1}}", "when: {body: {words: x1}, from: {domain: a.example}}"),
    ("when: {body: {pattern: [a1, b1]}}", "when: {body: {pattern: b1}}"),
    ("when: {header_address: {name: [From, Sender], domain: .example}}", "when: {from: {domain: a.example}}"),
    ("when: {from: {domain: a.example}}", "when: {header_address: {name: FROM, address: x@a.example}}"),
    ("when: {header_address: {name: From, display_names: true, domain: a.example}}", "when: {from: {address: x@a.example}}"),
    ("when: {header: {name: X-A}}", "when: {header: {name: x-a, contains: b}}"),
    ("when: {header: {name: X-A, value: [a, b]}}", "when: {header: {name: x-a, value: B}}"),
    ("when: {any: [{subject: {words: a1}}, {sender: {null: true}}]}", "when: {sender: {null: true}}"),
    (
        "when: {any: [{subject: {words: [a1, b1]}}, {sender: {null: true}}]}",
        "when: {any: [{sender: {null: true}}, {subject: {words: b1}}]}",
    ),
    ("when: {not: {sender: {null: true}}}", "when: {not: {sender: {null: true}}, subject: {words: x}}"),
    ("unless: {client: {address: 10.0.0.1}}", "when: {subject: {words: x}}, unless: {client: {address: 10.0.0.1}}"),
    ("about: all", "when: {subject: {words: x}}"),
    ("about: all", "about: all the same"),
    ("when: {listener: [a, b]}", "when: {listener: b}"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), COVERED)
def test_a_narrower_rule_behind_never_acts(first: str, second: str) -> None:
    assert shadowed(first, second)
    assert shadowed("about: all", second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("when: {sender: {domain: a.example}}", "when: {sender: {domain: .a.example}}"),
        ("when: {sender: {domain: a.example}}", "when: {from: {domain: a.example}}"),
        ("when: {sender: {address: x@a.example}}", "when: {sender: {domain: a.example}}"),
        ("when: {attachment: {extension: exe}}", "when: {attachment: {type: application/x-dosexec}}"),
        ("when: {attachment: {extension: exe, size: '> 1 MB'}}", "when: {attachment: {extension: exe}}"),
        # one file of each is not one file that is both
        (
            "when: {attachment: {extension: exe, size: '> 1 MB'}}",
            "when: {all: [{attachment: {extension: exe}}, {attachment: {size: '> 1 MB'}}]}",
        ),
        ("when: {subject: {words: x1}}", "when: {text: {words: x1}}"),
        ("when: {subject: {words: x1}}", "when: {subject: {contains: x1}}"),
        ("when: {text: {not: {words: x1}}}", "when: {subject: {not: {words: x1}}}"),
        ("when: {body: {pattern: a}}", "when: {body: {words: a}}"),
        ("when: {sender: {null: true}}", "when: {sender: {null: false}}"),
        ("when: {sender: {domain: .a.example}}, unless: {client: {address: 10.0.0.1}}", "when: {sender: {domain: a.example}}"),
        ("when: {sender: {domain: .a.example}}, expires: 2030-01-01", "when: {sender: {domain: a.example}}"),
        ("when: {sender: {domain: .a.example}}, mode: observe", "when: {sender: {domain: a.example}}"),
        ("when: {sender: {domain: .a.example}}, enabled: false", "when: {sender: {domain: a.example}}"),
    ],
)  # fmt: skip
def test_what_is_not_proved_is_not_said(first: str, second: str) -> None:
    assert not shadowed(first, second)


def test_a_rule_that_only_adds_shadows_nothing() -> None:
    assert not any("never" in one for one in warnings('rules: [{name: a, also: {tag_subject: "[X]"}}, {name: b, then: hold}]'))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("forward", True),
        ("{redirect: a@example.org}", True),
        ("hold", False),
        ("drop", False),
        ("reject", False),
    ],
)
def test_a_rule_that_observes_is_asked_behind_a_decision_but_not_behind_what_lets_through(before: str, expected: bool) -> None:
    text = f"""
rules:
  - {{name: first, when: {{subject: {{words: x}}}}, then: {before}}}
  - {{name: second, when: {{subject: {{words: x}}}}, mode: observe, then: hold}}
"""
    assert any("'second' observes nothing: 'first'" in one for one in warnings(text)) is expected
    assert not any("'second' never acts" in one for one in warnings(text))
    mail = letter("subject: x")
    ruleset = compile_source(Source.of((("r.yaml", text.encode()),))).ruleset
    hits = [hit.rule for hit in ruleset.screen(mail, anatomy_of(mail)).verdicts[0].hits]
    assert ("second" not in hits) is expected


def test_an_expiring_rule_is_shadowed_by_one_that_lasts_longer() -> None:
    assert shadowed("expires: 2030-01-02", "expires: 2030-01-01, when: {subject: {words: x}}")
    assert not shadowed("expires: 2030-01-01", "expires: 2030-01-02, when: {subject: {words: x}}")


MAILS = [
    letter("sender: x@a.example", "subject: x1 b1", "body: x1", "attachment: a.exe", "filler: 2000000"),
    letter("sender: <>", "subject: a1", "header: X-A: b", "client: 10.0.0.1"),
    letter("sender: y@b.a.example", "body: a b1", "from: a@example.net", "from: b@a.example", "attachment: a.png", "helo: b"),
]


@pytest.mark.parametrize(("first", "second"), COVERED)
def test_no_mail_fits_the_narrower_rule_alone(first: str, second: str) -> None:
    sources = [Source.of((("r.yaml", f"rules: [{{name: r, {one}, then: hold}}]".encode()),)) for one in (first, second)]
    wide, narrow = (compile_source(source).ruleset for source in sources)
    for mail in MAILS:
        fits = [rules.screen(mail, anatomy_of(mail)).verdicts[0].rule for rules in (wide, narrow)]
        assert fits[0] or not fits[1]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("when: {sender: {domain: a.example}}, then: forward", True),
        ("when: {from: {address: x@a.example}}, then: forward", True),
        ("when: {any: [{sender: {domain: a.example}}, {from: {domain: a.example}}]}, then: forward", True),
        ("when: {header_address: {name: [Reply-To, Sender], domain: a.example}}, then: forward", True),
        ("when: {subject: {words: x}}, unless: {header_address: {name: Sender, domain: a.example}}, then: hold", True),
        ("when: {sender: {domain: a.example}, client: {address: 10.0.0.1}}, then: forward", False),
        ("when: {sender: {domain: a.example}, subject: {words: x}}, then: forward", False),
        ("when: {sender: {domain: a.example}}, mode: observe, then: forward", False),
        ("when: {recipient: {domain: a.example}}, then: forward", False),
        ("when: {sender: {domain: a.example}}, then: hold", False),
        ("when: {subject: {words: x}}, unless: {sender: {domain: a.example}}, then: hold", True),
        ("when: {subject: {words: x}}, unless: [{client: {address: 10.0.0.1}}, {sender: {domain: a.example}}], then: hold", True),
        ("when: {subject: {words: x}}, unless: {sender: {domain: a.example}, client: {address: 10.0.0.1}}, then: hold", False),
        ("unless: {sender: {domain: a.example}}, then: drop", True),
    ],
)
def test_trust_in_the_sender_alone_is_warned_of(rule: str, expected: bool) -> None:
    assert any("anybody can forge" in one for one in warnings(f"rules: [{{name: r, {rule}}}]")) is expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("when: {subject: {words: x}}, then: hold", True),
        ("when: {any: [{subject: {words: x}}, {sender: {null: true}}]}, then: hold", True),
        ("when: {recipients: {count: '> 3'}}, then: hold", True),
        ("when: {subject: {words: x}, sender: {null: true}}, then: hold", False),  # false at RCPT for other senders
        ("when: {sender: {null: true}}, then: hold", False),
        ("when: {subject: {words: x}}, mode: observe, then: hold", False),
        ("when: {subject: {words: x}}, expires: 2030-01-01, then: hold", False),  # afterwards it can
        ("when: {subject: {words: x}}, also: {tag_subject: x}", False),
    ],
)
def test_a_reject_that_comes_too_late_for_rcpt_is_warned_of(before: str, expected: bool) -> None:
    text = f"rules:\n  - {{name: before, {before}}}\n  - {{name: late, when: {{client: {{address: 10.0.0.1}}}}, then: reject}}"
    assert any("'late' cannot answer at RCPT: 'before' (r.yaml:2)" in one for one in warnings(text)) is expected


def test_a_redirect_needs_a_route() -> None:
    text = """
rules:
  - {name: a, when: {subject: {words: x}}, then: {redirect: a@elsewhere.example}}
  - {name: b, when: {subject: {words: y}}, then: {redirect: b@example.org}}
"""
    (only,) = warnings(text)
    assert "'a' redirects to a@elsewhere.example, which has no route" in only


def test_an_empty_list_is_warned_of_once() -> None:
    words = "{words: {file: lists/w.txt}}"
    text = f"rules: [{{name: a, when: {{body: {words}}}, then: hold}}, {{name: b, when: {{subject: {words}}}, then: drop}}]"
    assert warnings(text, w="# none\n") == ["r.yaml:1:47: warning: the list rules/lists/w.txt is empty"]


def test_targets_are_addresses() -> None:
    ruleset = compile_source(Source.of((("r.yaml", b"rules: [{name: a, then: {redirect: A@Example.ORG}}]"),))).ruleset
    assert ruleset.rules[0].target == Address("A@Example.ORG", "A", "example.org")
