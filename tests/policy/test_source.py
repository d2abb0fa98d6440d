"""The rules folder as it is read: which files, in which order, and nothing from outside it."""

import os
from pathlib import Path

import pytest

from screener.policy.rulefile import compile_source
from screener.policy.source import Source, list_name
from screener.yamlfile import Complaints

RULE = "rules: [{{name: {0}, when: {{sender: {{domain: {{file: {1}}}}}}}, then: hold}}]"


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = path / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return path


def test_rule_files_by_name_then_the_lists_they_name(tmp_path: Path) -> None:
    rules = folder(tmp_path, **{
        "20-b.yaml": RULE.format("b", "lists/two.txt"),
        "10-a.yaml": RULE.format("a", "lists/sub/one.txt"),
        "lists__two.txt": "two.example",
        "lists__sub__one.txt": "one.example",
        "lists__unused.txt": "x",
        "README.md": "no rules",
        ".10-a.yaml": "rules: [",
        "10-a.yaml~": "rules: [",
        "sub__30.yaml": "rules: [",
    })  # fmt: skip
    source = Source.read(rules, "etc/rules/")
    assert [path for path, _ in source.files] == [
        "etc/rules/10-a.yaml",
        "etc/rules/20-b.yaml",
        "etc/rules/lists/sub/one.txt",
        "etc/rules/lists/two.txt",
    ]
    assert [rule.name for rule in compile_source(source).ruleset.rules] == ["a", "b"]
    assert len(source.hash) == 12


def test_the_hash_is_of_names_and_octets(tmp_path: Path) -> None:
    rules = folder(tmp_path, **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__a.txt": "a.example"})
    first = Source.read(rules, "rules").hash
    assert Source.read(rules, "rules").hash == first
    (rules / "lists/a.txt").write_text("b.example")
    second = Source.read(rules, "rules").hash
    (rules / "1.yaml").rename(rules / "2.yaml")
    assert len({first, second, Source.read(rules, "rules").hash}) == 3


def test_the_hash_does_not_depend_on_what_the_folder_is_called(tmp_path: Path) -> None:
    rules = folder(tmp_path, **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__a.txt": "a.example"})
    assert Source.read(rules, "rules").hash == Source.read(rules, "../etc/rules").hash


def test_a_source_is_kept_and_read_back(tmp_path: Path) -> None:
    rules = folder(tmp_path, **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__a.txt": "ä.example"})
    source = Source.read(rules, "etc/rules")
    assert Source.from_json(source.to_json()) == source


NOTHING_KEPT = [b"", b"{}", b"[]", b'{"shown": 1, "files": [["a"]]}', b'{"shown": "r", "files": [["a", "?"]]}', b"\xff"]
NOTHING_KEPT += [b'{"shown": "rules", "files": []}', b"[" * 200_000]


@pytest.mark.parametrize("octets", NOTHING_KEPT, ids=lambda octets: octets[:40])
def test_what_was_not_kept_is_a_value_error(octets: bytes) -> None:
    with pytest.raises(ValueError):  # json's own, base64's own, or ours
        Source.from_json(octets)


def test_a_source_that_is_no_longer_what_was_kept_is_a_value_error(tmp_path: Path) -> None:
    kept = Source.read(
        folder(tmp_path, **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__a.txt": "a.example"}), "rules"
    ).to_json()
    begin = kept.index(b"1.yaml") + 10
    damaged = kept[:begin] + (b"B" if kept[begin : begin + 1] != b"B" else b"C") + kept[begin + 1 :]
    with pytest.raises(ValueError, match="damaged: its hash is"):
        Source.from_json(damaged)


def test_a_rule_file_has_a_printable_name(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"10-\xff.yaml")).write_text("rules: []")
    with pytest.raises(Complaints, match=r"holds the file '10-.*\.yaml': give it a printable UTF-8 name"):
        Source.read(tmp_path, "rules")


def test_a_file_that_changes_afterwards_changes_nothing(tmp_path: Path) -> None:
    """A screening process compiles what the service read, not what lies there by then."""
    rules = folder(tmp_path, **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__a.txt": "a.example"})
    source = Source.read(rules, "rules")
    (rules / "lists/a.txt").unlink()
    assert compile_source(source).ruleset.lists == {"rules/lists/a.txt": 1}


@pytest.mark.parametrize("text", ["../x", "/etc/passwd", "lists/../../x", "", "a\\b", "x\n", "10.yaml", "lists/\u202etxt"])
def test_paths_of_lists_stay_in_the_folder(text: str) -> None:
    with pytest.raises(ValueError, match=r"path|folder|rule file"):
        list_name(text)


def test_a_link_may_point_inside_but_not_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret.example")
    rules = folder(tmp_path / "rules", **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__real.txt": "a.example"})
    (rules / "lists/a.txt").symlink_to("real.txt")
    assert compile_source(Source.read(rules, "rules")).ruleset.lists == {"rules/lists/a.txt": 1}
    (rules / "lists/a.txt").unlink()
    (rules / "lists/a.txt").symlink_to(tmp_path / "secret.txt")
    source = Source.read(rules, "rules")
    assert b"secret" not in b"".join(octets for _, octets in source.files)
    with pytest.raises(Complaints, match="a symbolic link leads out of the rules folder"):
        compile_source(source)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    folder(tmp_path / "v1", **{"1.yaml": RULE.format("a", "lists/a.txt"), "lists__a.txt": "a.example"})
    (tmp_path / "rules").symlink_to(tmp_path / "v1")
    assert compile_source(Source.read(tmp_path / "rules", "rules")).ruleset.lists == {"rules/lists/a.txt": 1}


def test_a_pipe_is_no_list(tmp_path: Path) -> None:
    rules = folder(tmp_path, **{"1.yaml": RULE.format("a", "lists/a.txt")})
    (rules / "lists").mkdir()
    os.mkfifo(rules / "lists/a.txt")
    with pytest.raises(Complaints, match="is no regular file"):
        compile_source(Source.read(rules, "rules"))


def test_a_rule_file_that_cannot_be_read_is_a_complaint(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Complaints, match=r"rules/1\.yaml:1:1: cannot be read: there is no such file"):
        Source.read(tmp_path, "rules")
