"""`screener screen`: the decision of the hop on files, for every kind of file."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from fakes import corpus
from fakes.filled_hop import Hop

Screener = Callable[..., Result]

RULES = """\
rules:
  - name: blocked
    when: {sender: {domain: bad.example}}
    then: reject
  - name: names
    mode: observe
    when: {attachment: {name: "*.pdf*"}}
    then: drop
  - name: programs
    when: {attachment: {extension: [exe]}}
    then: hold
  - name: bare
    when: {message: {defects: [bare-lf]}}
    then: drop
  - name: words
    when: {text: {words: [nightjar]}, recipient: {address: bob@example.org}}
    then: {reject: "No birds"}
  - name: front
    when: {client: {address: [192.0.2.9], helo: front.example}}
    then: {redirect: desk@example.org}
"""
EXE = (
    b"From: Alice <alice@mail.example>\nTo: bob@example.org, Carol <carol@example.com>\nSubject: x\nMIME-Version: 1.0\n"
    b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nhello\n'
    b'--b\nContent-Type: application/pdf; name="a.pdf"\nContent-Disposition: attachment; filename="a.pdf.exe"\n'
    b"Content-Transfer-Encoding: base64\n\nJVBERi0xLjQKaGVsbG8K\n--b--\n"
)
PLAIN = b"From: alice@mail.example\nTo: bob@example.org\nSubject: plain\n\nhello\n"
BIRD = PLAIN.replace(b"hello", b"a nightjar sings")


@pytest.fixture
def screen(hop: Hop, screener: Screener) -> Callable[..., list[dict[str, object]]]:
    """`screen(path, …)`: the JSON lines."""
    (hop.folder / "rules" / "10.yaml").write_text(RULES)

    def screen(*arguments: str | Path, exit_code: int = 0) -> list[dict[str, object]]:
        result = screener("screen", "--json", *arguments)
        assert result.exit_code == exit_code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return screen


Screen = Callable[..., list[dict[str, object]]]


def fates(line: dict[str, object]) -> list[tuple[str, str, str]]:
    recipients = line["recipients"]
    assert isinstance(recipients, list)
    return [(one["address"], one["action"], one["rule"]) for one in recipients]


def test_the_line_of_a_message(tmp_path: Path, screen: Screen) -> None:
    path = tmp_path / "m.eml"
    path.write_bytes(EXE)
    (line,) = screen(path)
    assert isinstance(line.pop("ms"), float)
    assert line["path"] == str(path)
    assert fates(line) == [("bob@example.org", "hold", "programs"), ("carol@example.com", "hold", "programs")]
    assert set(line) == {"path", "recipients", "parts", "defects"}
    recipients = line["recipients"]
    assert isinstance(recipients, list)
    assert set(recipients[0]) == {"address", "action", "rule", "evidence", "hits"}
    assert [(hit["rule"], hit["observed"]) for hit in recipients[0]["hits"]] == [("names", True), ("programs", False)]
    (evidence,) = recipients[0]["evidence"]
    assert evidence["condition"] == "attachment.extension"
    assert "a.pdf.exe" in evidence["text"]
    parts = line["parts"]
    assert isinstance(parts, list)
    assert [part["declared_type"] for part in parts] == ["text/plain", "application/pdf"]
    assert parts[1]["type"] == "application/pdf"
    assert {"a.pdf", "a.pdf.exe"} <= set(parts[1]["names"])
    assert parts[1]["size"] == 15
    assert all(set(part) == {"names", "type", "declared_type", "size"} for part in parts)


def test_the_envelope_is_guessed_or_given(tmp_path: Path, screen: Screen) -> None:
    path = tmp_path / "m.eml"
    path.write_bytes(b"Return-Path: <eve@bad.example>\nDelivered-To: dora@example.org\n" + PLAIN)
    assert fates(screen(path)[0]) == [("dora@example.org", "reject", "blocked")]
    assert fates(screen(path, "--from", "<>")[0]) == [("dora@example.org", "forward", "")]
    assert fates(screen(path, "--from", "a@b.example", "--to", "x@example.org", "--to", "y@example.org")[0]) == [
        ("x@example.org", "forward", ""),
        ("y@example.org", "forward", ""),
    ]
    given = ("--from", "a@b.example", "--client", "192.0.2.9")
    assert fates(screen(path, *given, "--helo", "front.example")[0]) == [("dora@example.org", "redirect", "front")]
    assert fates(screen(path, *given)[0]) == [("dora@example.org", "forward", "")]
    path.write_bytes(b"Subject: nobody\n\nhello\n")
    assert fates(screen(path)[0]) == [("postmaster@example.org", "forward", "")]


def test_a_reject_for_some_is_a_hold_as_over_smtp(tmp_path: Path, screen: Screen) -> None:
    path = tmp_path / "m.eml"
    path.write_bytes(BIRD)
    assert fates(screen(path, "--to", "bob@example.org")[0]) == [("bob@example.org", "reject", "words")]
    (line,) = screen(path, "--to", "bob@example.org", "--to", "ann@example.org")
    assert fates(line) == [("bob@example.org", "hold", "words"), ("ann@example.org", "forward", "")]


def test_lf_files_are_read_as_crlf_and_bare_line_ends_are_defects(tmp_path: Path, screen: Screen) -> None:
    lf, crlf, bare = tmp_path / "lf.eml", tmp_path / "crlf.eml", tmp_path / "bare.eml"
    lf.write_bytes(PLAIN)
    crlf.write_bytes(PLAIN.replace(b"\n", b"\r\n"))
    bare.write_bytes(PLAIN.replace(b"\n", b"\r\n") + b"one\ntwo\r\n")
    same = screen(lf) + screen(crlf)
    for line in same:
        del line["ms"], line["path"]
    assert same[0] == same[1]
    (line,) = screen(bare)
    assert fates(line)[0][1:] == ("drop", "bare")
    assert "bare-lf" in str(line["defects"])


def test_what_the_hop_itself_would_refuse(hop: Hop, tmp_path: Path, screen: Screen) -> None:
    settings = hop.config.read_text().replace("port: 2525}", "port: 2525, bare_line_ends: refuse}")
    hop.config.write_text(settings + "limits: {message_size: 64 KiB, hops: 20}\n")
    big, bare, loop = tmp_path / "big.eml", tmp_path / "bare.eml", tmp_path / "loop.eml"
    big.write_bytes(PLAIN + b"x" * 70_000)
    bare.write_bytes(PLAIN.replace(b"\n", b"\r\n") + b"one\ntwo\r\n")
    loop.write_bytes(b"Received: from x by y\n" * 21 + PLAIN)
    for path, code in ((big, "552 5.3.4"), (bare, "554 5.6.0"), (loop, "554 5.4.6")):
        (line,) = screen(path)
        assert fates(line) == [("bob@example.org", "reject", "")]
        assert code in str(line["recipients"])


ODD = (
    b"From: alice@mail.example\r\nTo: bob@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n'
    b"n\xe9e \0 \r\r\n \n " + b"x" * 1_000 + b"\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nUEsDBBQAAAAIAA==\r\n"
    b"--b\r\nContent-Type: application/rtf; name=a.rtf\r\n\r\n"
    rb'{\rtf1{\field{\*\fldinst {\*\x INCLUDETEXT "http://host.example/b" }DDEAUTO c d}}}' + b"\r\n--b--\r\n"
)
ODD_RULES = """\
rules:
  - name: many
    when:
      any:
        - {body: {words: nightjar}}
        - {attachment_text: {words: wryneck}}
        - {attachment: {extension: exe}}
        - {header: {name: X-Bird, words: curlew}}
    then: hold
  - name: acting
    when: {attachment: {active_content: true}}
    then: hold
"""


def test_what_is_odd_is_told_in_the_same_order_in_every_run(hop: Hop) -> None:
    (hop.folder / "rules" / "10.yaml").write_text(ODD_RULES)
    (hop.folder / "odd.eml").write_bytes(ODD)
    told: dict[str, None] = {}
    for seed in range(5):
        command = [str(Path(sys.executable).with_name("screener")), "screen", "--json", "odd.eml"]
        run = subprocess.run(
            command, capture_output=True, check=True, cwd=hop.folder, env={**os.environ, "PYTHONHASHSEED": str(seed)}
        )
        told[json.dumps({**json.loads(run.stdout), "ms": 0})] = None
    assert len(told) == 1, told
    defects = {"bare-cr", "bare-lf", "nul", "long-line", "wrong-charset", "container-damaged"}
    assert defects <= {*json.loads(*told)["defects"]}


def test_an_mbox_a_maildir_and_a_folder(tmp_path: Path, screen: Screen) -> None:
    folder = tmp_path / "mail"
    (folder / "cur").mkdir(parents=True)
    (folder / "new").mkdir()
    (folder / "tmp").mkdir()
    (folder / "cur" / "1:2,S").write_bytes(PLAIN)
    (folder / "inbox").write_bytes(b"From a@b Mon Jan  1 00:00:00 2024\n" + EXE + b"\nFrom a@b Mon Jan  1 00:00:01 2024\n" + PLAIN)
    (folder / "readme.txt").write_bytes(b"no mail\n")
    lines = screen(folder)
    assert [(line["path"], fates(line)[0][1]) for line in lines] == [
        (f"{folder}/inbox#1", "hold"),
        (f"{folder}/inbox#2", "forward"),
        (f"{folder}/cur/1:2,S", "forward"),
    ]


def test_nothing_on_a_disk_raises(tmp_path: Path, screen: Screen) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    numbers = random.Random(1)
    files = {
        "empty.eml": b"",
        "nul.eml": bytes(100_000),
        "noise.eml": numbers.randbytes(200_000),
        "dots.eml": b".\r\n..\r\n.\r\n",
        "cr.eml": b"\r" * 1000,
        "colons.eml": b":\n" * 50_000,
        "deep.eml": b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(500)),
        "mbox": b"From \n" * 1000,
    }
    for name, octets in files.items():
        (folder / name).write_bytes(octets)
    os.mkfifo(folder / "fifo.eml")
    (folder / "loop").symlink_to(folder)
    (Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9\x1b.eml"))).write_bytes(PLAIN)
    lines = screen(folder)
    assert len(lines) == len(files) + 1
    assert lines[-1]["path"] != ""
    assert any(line["path"] == f"{folder}/caf\\xe9\x1b.eml" for line in lines)
    for line in lines:
        assert line["recipients"]
    (missing, fifo) = screen(folder / "none.eml", folder / "fifo.eml", exit_code=1)
    assert missing["error"] == "cannot be read: No such file or directory"
    assert fifo["error"] == "is no file but a FIFO, socket or device"
    assert fifo["recipients"] == []


def test_the_whole_corpus(screen: Screen) -> None:
    expected = sorted(str(corpus.FOLDER / one.path) for one in corpus.specimens())
    lines = screen(corpus.FOLDER)
    assert sorted(str(line["path"]) for line in lines) == expected
    for line in lines:
        assert "error" not in line
        assert line["recipients"]
        assert line["parts"]


def test_for_people_there_is_evidence_and_a_summary(tmp_path: Path, screen: Screen, screener: Screener) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.eml").write_bytes(EXE.replace(b"a.pdf.exe", b"a\x1b[31m.exe"))
    (tmp_path / "in" / "2.eml").write_bytes(PLAIN)
    (tmp_path / "in" / "notes.txt").write_bytes(b"no header\n")
    os.mkfifo(tmp_path / "in" / "pipe")
    result = screener("screen", "in", "in/none.eml")
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "in/1.eml: hold by rule programs (rules/10.yaml:9): bob@example.org, carol@example.com"
    assert lines[1].startswith("    attachment.extension: ")
    assert lines[2] == "    also matched: names (rules/10.yaml:5), observed only"
    assert lines[3].startswith("      attachment.name: ")
    assert lines[4] == "in/2.eml: forward, no rule decided: bob@example.org"
    assert [line.split() for line in lines[6:9]] == [
        ["ACTION", "RULE", "RECIPIENTS"],
        ["hold", "programs", "2"],
        ["forward", "(no", "rule)", "1"],
    ]
    assert lines[9].startswith("2 messages in ")
    assert lines[9].endswith(", 1 file could not be judged, 2 files passed over as no mail")
    assert result.stderr == "in/none.eml: cannot be read: No such file or directory\n"


@pytest.mark.parametrize(
    "arguments", [["--to", "nobody"], ["--to", "<>"], ["--from", "a@b@c"], ["--client", "here"], ["--client", "1.2.3"]]
)
def test_what_is_not_understood(hop: Hop, screener: Screener, arguments: list[str]) -> None:
    assert screener("screen", "x.eml", *arguments).exit_code == 2
