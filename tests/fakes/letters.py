"""Mails for rules: a letter is written down part by part, and read as one line of words in `rules/README.md`.

    letter("from: anna@example.net", "subject: Hello", "attachment: report.pdf", "to: ben@example.org")

Every line is `key: value`; see KEYS. The octets are built here by hand, never by the code under test.
"""

import base64
import io
import zipfile

from fakes.evasions import documents
from fakes.evasions.containers import zipped

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.address import NULL_SENDER, Address
from screener.mail.envelope import Client, Envelope, Recipient
from screener.mail.mail import Content, Mail

PROGRAM = b"MZ\x90\x00" + b"\x00" * 56 + b"\x80\x00\x00\x00" + b"\x00" * 64 + b"PE\x00\x00\x4c\x01" + b"\x00" * 256
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" + b"\x00" * 32
)
KEYS = (
    "client", "name", "helo", "user", "listener", "sender", "to", "header", "from", "subject", "body", "html", "attachment",
    "program", "text-file", "wide-file", "document", "packed", "letter", "filler", "defect",
)  # fmt: skip


def _docm() -> bytes:
    """A Word document with macros."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", "word/vbaData.xml"):
            archive.writestr(name, "<x/>")
        archive.writestr("word/vbaProject.bin", b"")
    return buffer.getvalue()


def _docx(text: str) -> bytes:
    """A Word document; every word of it is a run of its own."""
    return documents.word("<w:p>" + "".join(documents.run(f"{word} ") for word in text.split()) + "</w:p>")


_TYPES = {
    "pdf": ("application/pdf", PDF),
    "png": ("image/png", PNG),
    "exe": ("application/octet-stream", PROGRAM),
    "docm": ("application/msword", _docm()),
}
_RECEIVED = 1_750_000_000.0  # 2025-06-15


def letter(*lines: str, received: float = _RECEIVED) -> Mail:
    """A mail with an envelope; what is not said is ordinary (anna@example.net to ben@example.org, from 192.0.2.99)."""
    said: dict[str, list[str]] = {key: [] for key in KEYS}
    for line in lines:
        key, colon, value = line.partition(":")
        assert colon, f"not 'key: value': {line}"
        said[key.strip()].append(value.strip())
    client = Client(
        address=_last(said["client"], "192.0.2.99"),
        name=_last(said["name"], ""),
        helo=_last(said["helo"], "client.example"),
        authenticated=_last(said["user"], ""),
        listener=_last(said["listener"], "inbound"),
    )
    sender = _last(said["sender"], "anna@example.net")
    recipients = tuple(Recipient(Address.parse(text)) for text in said["to"] or ["ben@example.org"])
    envelope = Envelope(client, NULL_SENDER if sender == "<>" else Address.parse(sender), recipients)
    content = Content(_content(said), defects=frozenset(said["defect"]))
    return Mail("letter-1", received, envelope, content)


def anatomy_of(mail: Mail) -> Anatomy:
    """What the screening of a letter is given besides it."""
    return Anatomy(mail.content.octets, defects=map(Defect, mail.content.defects))


def _last(values: list[str], default: str) -> str:
    return values[-1] if values else default


def _content(said: dict[str, list[str]]) -> bytes:
    headers = [f"From: {text}" for text in said["from"] or ["Anna <anna@example.net>"]]
    headers += ["To: ben@example.org", "Date: Sun, 15 Jun 2025 12:00:00 +0000", "Message-ID: <letter-1@example.net>"]
    headers += [f"Subject: {_encoded(text)}" for text in said["subject"] or ["Hello"]]
    headers += said["header"]
    parts = [_text_part("plain", text) for text in said["body"] or ([] if said["html"] else ["Good morning."])]
    parts += [_text_part("html", text) for text in said["html"]]
    for name in said["attachment"]:
        declared, octets = _TYPES.get(name.rpartition(".")[2].lower(), ("application/octet-stream", b"just some octets\n"))
        parts.append(_file_part(name, declared, octets + b"\x00" * int(_last(said["filler"], "0"))))
    parts += [_file_part(name, "application/octet-stream", PROGRAM) for name in said["program"]]
    for line in said["text-file"]:
        name, _, text = line.partition(" ")
        parts.append(_file_part(name, "text/plain; charset=utf-8", text.encode()))
    for line in said["wide-file"]:
        name, _, text = line.partition(" ")
        parts.append(_file_part(name, "application/octet-stream", text.encode("utf-16-le")))
    for line in said["document"]:
        name, _, text = line.partition(" ")
        parts.append(_file_part(name, "application/octet-stream", _docx(text)))
    for line in said["packed"]:
        name, _, text = line.partition(" ")
        parts.append(_file_part("files.zip", "application/zip", zipped((name, _docx(text)))))
    for name in said["letter"]:
        parts.append(b"Content-Type: message/rfc822\r\n\r\nSubject: Fw\r\n" + _file_part(name, "text/plain", b"just some octets\n"))
    headers.append("MIME-Version: 1.0")
    if len(parts) == 1:
        return "\r\n".join(headers).encode() + b"\r\n" + parts[0]
    headers.append('Content-Type: multipart/mixed; boundary="cut here"')
    body = b"".join(b"--cut here\r\n" + part for part in parts)
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + body + b"--cut here--\r\n"


def _encoded(text: str) -> str:
    return text if text.isascii() else f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _text_part(kind: str, text: str) -> bytes:
    octets = text.replace("\\n", "\r\n").encode()
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + _base64(octets)


def _file_part(name: str, declared: str, octets: bytes) -> bytes:
    disposition = f'attachment; filename="{name}"'
    head = f"Content-Type: {declared}\r\nContent-Disposition: {disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + _base64(octets)


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")
