"""One mailbox, read strictly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.mail.address import NULL_SENDER, Address, AddressError, normal_domain


@pytest.mark.parametrize(
    ("text", "local", "domain", "key"),
    [
        ("Anna@Example.ORG", "Anna", "example.org", "anna@example.org"),
        ('"anna"@example.org', "anna", "example.org", "anna@example.org"),
        ('"a\\ b"@example.org', "a b", "example.org", "a b@example.org"),
        ('""@example.org', "", "example.org", "@example.org"),
        ("a@under_score.example.org", "a", "under_score.example.org", "a@under_score.example.org"),
        ("a@localhost", "a", "localhost", "a@localhost"),
        ("a@[192.0.2.1]", "a", "[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@[ipv6:2001:db8:0:0::1]", "a", "[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
        ("a@BÜCHER.example", "a", "xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a", "xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("straße@example.org", "straße", "example.org", "strasse@example.org"),
        ("x" * 64 + "@example.org", "x" * 64, "example.org", "x" * 64 + "@example.org"),
        ("a@" + "d" * 63 + ".example", "a", "d" * 63 + ".example", "a@" + "d" * 63 + ".example"),
    ],
)
def test_mailboxes(text: str, local: str, domain: str, key: str) -> None:
    address = Address.parse(text)
    assert (address.text, address.local, address.domain, address.key) == (text, local, domain, key)
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@example.org",
        "a@",
        "a@b@example.org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "a b@example.org",
        "a@example..org",
        "a@.example.org",
        "a@example.org.",
        "a@-example.org",
        "a@example-.org",
        "a@exam ple.org",
        '"a@example.org',
        '"a"b@example.org',
        '"a\r\n"@example.org',
        '"a\\\r"@example.org',
        "a\n@example.org",
        "a@example.org\n",
        "a@[192.0.2.256]",
        "a@[192.0.2.1",
        "a@[2001:db8::1]",
        "a@[IPv6:192.0.2.1]",
        "a@[tag:x]",
        "x" * 513 + "@example.org",
        "ö" * 257 + "@example.org",
        '"' + "x" * 511 + '"@example.org',
        "a@" + "d" * 64 + ".example",
        "a@" + "d." * 127 + "ee",
        "a@xn--\u00e4.example",
    ],
)
def test_no_mailboxes(text: str) -> None:
    with pytest.raises(AddressError) as raised:
        Address.parse(text)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


@given(st.text(max_size=300))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_mailbox_or_an_address_error(text: str) -> None:
    for one in (text, f"a@{text}", f"{text}@example.org", f'"{text}"@example.org', f"a@{text}.org", f"a@[{text}]"):
        try:
            address = Address.parse(one)
        except AddressError:
            continue
        assert address.text == one
        assert not set("\r\n\0") & set(one)
        assert address.domain == address.domain.lower() or address.domain.startswith("[IPv6:")
        assert normal_domain(address.domain) == address.domain


def test_the_null_sender() -> None:
    assert NULL_SENDER.is_null
    assert str(NULL_SENDER) == "<>"
    assert not Address.parse("a@example.org").is_null


def test_what_needs_smtputf8() -> None:
    assert Address.parse("a@xn--bcher-kva.example").is_ascii
    assert not Address.parse("a@bücher.example").is_ascii
