"""Domains, networks and names in big lists: what is found, and by which entry."""

import fnmatch
import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.policy.index import DomainIndex, NameIndex, NetworkIndex, domain_entry, fits, name_entry, network_entry


def domains(*entries: str) -> DomainIndex:
    return DomainIndex.of([(domain_entry(entry), f"lists/d.txt:{line}") for line, entry in enumerate(entries, start=1)])


@pytest.mark.parametrize(
    ("entries", "domain", "line"),
    [
        (["spam.example"], "spam.example", 1),
        (["spam.example"], "www.spam.example", None),
        ([".spam.example"], "spam.example", 1),
        ([".spam.example"], "a.b.spam.example", 1),
        ([".spam.example"], "nospam.example", None),
        ([".example", ".b.example"], "a.b.example", 2),  # the nearest one
        (["Spam.EXAMPLE"], "spam.example", 1),
        (["bücher.example"], "xn--bcher-kva.example", 1),
        (["[192.0.2.1]"], "[192.0.2.1]", 1),
        ([".example", "a.example", "a.example"], "a.example", 2),
    ],
)
def test_a_domain_is_found(entries: list[str], domain: str, line: int | None) -> None:
    found = domains(*entries).find(domain)
    assert (found and found[1]) == (line and f"lists/d.txt:{line}")


@pytest.mark.parametrize(
    "text", ["*.spam.example", "user@spam.example", "", ".", "a..b", "spam example", "x" * 300, "@spam.example"]
)
def test_a_bad_domain_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        domain_entry(text)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ([".example"], ["a.example", ".b.example"], True),
        (["a.example"], [".a.example"], False),
        ([".a.example"], ["a.example"], True),
        ([], ["a.example"], False),
        ([".b.example"], [".example"], False),
    ],
)
def test_domains_cover_domains(wide: list[str], narrow: list[str], expected: bool) -> None:
    assert domains(*wide).covers(domains(*narrow)) is expected


def networks(*entries: str) -> NetworkIndex:
    return NetworkIndex.of([(network_entry(entry), entry) for entry in entries])


@pytest.mark.parametrize(
    ("entries", "address", "expected"),
    [
        (["192.0.2.0/24"], "192.0.2.255", "192.0.2.0/24"),
        (["192.0.2.0/24"], "192.0.3.0", None),
        (["192.0.2.1"], "192.0.2.1", "192.0.2.1"),
        (["2001:db8::/32"], "2001:db8:1::9", "2001:db8::/32"),
        (["192.0.2.0/24"], "::ffff:192.0.2.7", "192.0.2.0/24"),
        (["0.0.0.0/0"], "::1", None),
        (["::/0"], "2001:db8::1", "::/0"),
        (["192.0.2.0/24"], "", None),
        (["192.0.2.0/24"], "not an address", None),
    ],
)
def test_an_address_is_found(entries: list[str], address: str, expected: str | None) -> None:
    found = networks(*entries).find(address)
    assert (found and found[1]) == expected


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), max_size=6), st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_networks_are_found_as_ipaddress_finds_them(entries: list[tuple[int, int]], number: int) -> None:
    plain = [ipaddress.ip_network((start, length), strict=False) for start, length in entries]
    address = ipaddress.ip_address(number)
    found = networks(*map(str, plain)).find(str(address))
    assert (found is not None) is any(address in network for network in plain)


def test_networks_cover_networks() -> None:
    assert networks("10.0.0.0/8", "2001:db8::/32").covers(networks("10.1.0.0/16", "10.2.3.4", "2001:db8:1::/48"))
    assert not networks("10.1.0.0/16").covers(networks("10.0.0.0/8"))
    assert not networks("::/0").covers(networks("10.0.0.0/8"))


def test_a_network_with_host_bits_says_which_was_meant() -> None:
    with pytest.raises(ValueError, match=r"did you mean 10\.0\.0\.0/8\?"):
        network_entry("10.0.0.1/8")


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=10))
@settings(max_examples=2000, deadline=None)
def test_wildcards_fit_as_fnmatch_says(entry: str, name: str) -> None:
    assert fits(tuple(entry.split("*")), name) is fnmatch.fnmatchcase(name, entry)


def test_brackets_are_no_wildcards() -> None:
    index = NameIndex.of([(name_entry("[a-z]*.pdf"), "1")])
    assert index.find("[a-z]1.pdf") is not None
    assert index.find("b1.pdf") is None


def test_hostile_wildcards_take_no_time() -> None:
    pieces = tuple(("*a" * 200 + "*b").split("*"))
    assert not fits(pieces, "a" * 4000)
    assert not fits(tuple(("*?a" * 200 + "*b").split("*")), "a" * 2000)


def test_names_cover_names() -> None:
    def names(*entries: str) -> NameIndex:
        return NameIndex.of([(name_entry(entry), "") for entry in entries])

    assert names("*.exe", "a").covers(names("x.exe", "A", "*.EXE"))
    assert not names("*.exe").covers(names("*"))
    assert names("*").covers(names("*.exe"))
