"""What is sent: three letters, always the same octets, and the planted bad ones.

S is text of 4 KB; M is 50 KB, text and HTML with a PDF of 30 KiB; L is 5.3 MB, the same with a PDF of 3.9 MB; a number is the same
with a PDF of so many octets. Lines end in LF, as smtp-source wants its file.
"""

import base64
import quopri
import random
from functools import cache
from pathlib import Path

VOCABULARY = frozenset(Path(__file__).with_name("vocabulary.txt").read_text(encoding="ascii").split())  # the words of the letters
SENDER, RECIPIENT = "sender@bench.example.net", "recipient@example.org"
_HEAD = """\
Received: from client.bench.example.net (client.bench.example.net [192.0.2.9])
\tby relay.bench.example.net with ESMTPS id 4bXyZ1; Sun, 15 Jun 2025 12:00:00 +0000
From: "A. Sender" <{sender}>
To: "The Recipient" <recipient@example.org>
Subject: {subject}
Date: Sun, 15 Jun 2025 12:00:00 +0000
Message-ID: <20250615120000.4bXyZ1@bench.example.net>
MIME-Version: 1.0
"""
_PLAIN = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\n\n"


@cache
def letter(size: str) -> bytes:
    """The letter of that size: "S", "M", "L", or the octets of its PDF, at least 400."""
    match size:
        case "S":
            return plain(_text(3_560, "S"))
        case "M":
            return _with_pdf(30 * 1024)
        case "L":
            return _with_pdf(3_900_000)
        case octets if octets.isdecimal():
            return _with_pdf(int(octets))
    raise ValueError(f"no letter has the size {size!r}")


def plain(text: str, *, subject: str = "The minutes of our meeting", sender: str = SENDER) -> bytes:
    """A letter of text alone."""
    return (_HEAD.format(subject=subject, sender=sender) + _PLAIN + text).encode("ascii")


def with_file(name: str, content: bytes) -> bytes:
    """A short letter with one file."""
    return _mixed(_PLAIN + "See the file.\n", f'application/octet-stream; name="{name}"', name, content)


def _with_pdf(octets: int) -> bytes:
    text = _text(2_050, "M")
    paragraphs = "".join(
        f'<p style="margin:0 0 12px 0;font-family:Arial,sans-serif;color:#333333">{line}</p>\n' for line in text.splitlines()
    )
    page = f"<html><head><title>Report</title><style>p {{ line-height: 1.4 }}</style></head>\n<body>\n{paragraphs}</body></html>\n"
    coded = quopri.encodestring(page.encode("ascii")).decode("ascii")
    both = (
        'Content-Type: multipart/alternative; boundary="inner"\n\n'
        f"--inner\n{_PLAIN}{text}\n--inner\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        f"{coded}\n--inner--\n"
    )
    return _mixed(both, 'application/pdf; name="report.pdf"', "report.pdf", _pdf(octets))


def _mixed(first: str, kind: str, name: str, content: bytes) -> bytes:
    head = _HEAD.format(subject="The report of June", sender=SENDER) + 'Content-Type: multipart/mixed; boundary="outer"\n\n'
    file_head = f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\nContent-Transfer-Encoding: base64\n\n'
    coded = base64.encodebytes(content).decode("ascii")
    return f"{head}--outer\n{first}\n--outer\n{file_head}{coded}\n--outer--\n".encode("ascii")


def _pdf(octets: int) -> bytes:
    """One page with one stream that does not compress."""
    stream = random.Random("pdf").randbytes(octets - 400)
    return (
        b"%%PDF-1.4\n%%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>\nendobj\n"
        b"4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Size 5 >>\n%%%%EOF\n"
        % (len(stream), stream)
    )


def _text(octets: int, seed: str) -> str:
    """Lines of common words, about that long together."""
    chooser, known = random.Random(seed), sorted(VOCABULARY)
    lines: list[str] = []
    while sum(map(len, lines)) < octets:
        lines.append(" ".join(chooser.choices(known, k=11)).capitalize() + ".\n")
    return "".join(lines)
