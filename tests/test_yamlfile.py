"""YAML with places: texts kept as written, surprises refused, every complaint where it belongs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import yamlfile
from screener.yamlfile import Complaint, Complaints, Mapping, Place, Scalar, Sequence, Severity


def complaints(octets: bytes) -> list[str]:
    with pytest.raises(Complaints) as caught:
        yamlfile.read(octets, "f.yaml")
    return str(caught.value).splitlines()


def test_scalars_keep_their_text() -> None:
    root = yamlfile.read(b"a: no\nb: 0x10\nc: '1'\nd: 2024-01-01\ne: 1e3\nf: ~\ng: ''\nh:\n", "f.yaml")
    assert yamlfile.plain(root) == {"a": "no", "b": "0x10", "c": "1", "d": "2024-01-01", "e": "1e3", "f": None, "g": "", "h": None}


def test_every_node_knows_its_place() -> None:
    root = yamlfile.read(b"rules:\n  - name: x\n    list: [a, bb]\n", "rules/f.yaml")
    assert isinstance(root, Mapping)
    rules = root.get("rules")
    assert isinstance(rules, Sequence)
    assert rules.items[0].place == Place("rules/f.yaml", 2, 5)
    assert yamlfile.place_of(root, ["rules", 0, "list", 1]) == Place("rules/f.yaml", 3, 15)
    assert yamlfile.place_of(root, ["rules", 0, "list"], key=True) == Place("rules/f.yaml", 3, 5)
    assert yamlfile.place_of(root, ["rules", 0, "missing", 7]) == Place("rules/f.yaml", 2, 5)
    assert str(Place("f", 3, 15)) == "f:3:15"


def test_an_empty_document_has_no_keys() -> None:
    assert yamlfile.read(b"# nothing\n", "f.yaml") == Mapping((), Place("f.yaml"))
    assert yamlfile.read(b"", "f.yaml") == Mapping((), Place("f.yaml"))


def test_a_byte_order_mark_is_no_key() -> None:
    assert yamlfile.plain(yamlfile.read(b"\xef\xbb\xbfa: 1\n", "f.yaml")) == {"a": "1"}


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"a: 1\na: 2\n", ["f.yaml:2:1: key 'a' stands twice; the first is in line 1: keep one of them"]),
        (b"a: &x 1\nb: *x\n", [
            "f.yaml:1:4: anchor '&x' is not allowed: write the value out where it is used",
            "f.yaml:2:4: alias '*x' is not allowed: write the value out",
        ]),
        (b"a: !!int 1\nb: !x 2\n", [
            "f.yaml:1:4: tag 'tag:yaml.org,2002:int' is not allowed: write plain values",
            "f.yaml:2:4: tag '!x' is not allowed: write plain values",
        ]),
        (b"a: 1\n---\nb: 2\n", ["f.yaml:2:1: a second document starts here: keep one document a file"]),
        (b"<<: {a: 1}\n", ["f.yaml:1:1: merge keys ('<<') are not allowed: write the keys out"]),
        (b"[a]: 1\n", ["f.yaml:1:1: a key must be a plain word, not a list or mapping"]),
        (b"a: 1\n\xff\n", ["f.yaml:2:1: is not UTF-8: save the file as UTF-8"]),
    ],
)  # fmt: skip
def test_surprises_are_refused(octets: bytes, expected: list[str]) -> None:
    assert complaints(octets) == expected


@pytest.mark.parametrize(
    ("octets", "place", "hint"),
    [
        (b"a:\n\t- b\n", "f.yaml:2:1: is no YAML", "indent with blanks, not tabs"),
        (b"about: Counted: not acted on\n", "f.yaml:1:15: is no YAML", "quote a value that holds ': '"),
        (b"a: @x\n", "f.yaml:1:4: is no YAML", "quote a value that begins with @"),
        (b"a: [b\n", "f.yaml:2:1: is no YAML", ""),
    ],
)
def test_what_is_no_yaml_says_where_and_why(octets: bytes, place: str, hint: str) -> None:
    (only,) = complaints(octets)
    assert only.startswith(place)
    assert hint in only


def test_deep_nesting_is_refused() -> None:
    (only,) = complaints(b"[" * 5_000)
    assert "nested" in only


@given(st.binary(max_size=60) | st.text(alphabet="ab:-[]{}&*!|>#'\"\n \t,?%@", max_size=60).map(str.encode))
@settings(max_examples=1000, deadline=None)
def test_any_octets_are_nodes_or_complaints(octets: bytes) -> None:
    try:
        node = yamlfile.read(octets, "f.yaml")
    except Complaints as error:
        assert error.complaints
    else:
        assert isinstance(node, Scalar | Sequence | Mapping)


def test_complaints_come_in_the_order_of_the_file() -> None:
    late = Complaint(Place("f", 10, 1), "late")
    early = Complaint(Place("f", 9, 1), "early", Severity.WARNING)
    assert str(Complaints([late, early])) == "f:9:1: warning: early\nf:10:1: late"


@pytest.mark.parametrize(
    ("word", "expected"),
    [("extention", ", did you mean 'extension'?"), ("zzz", "; known here: extension, name"), ("nam", ", did you mean 'name'?")],
)
def test_did_you_mean(word: str, expected: str) -> None:
    assert yamlfile.did_you_mean(word, ["name", "extension"]) == expected
