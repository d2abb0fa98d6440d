"""Mails for tests, as content on the wire."""

import base64


def mail(subject: str, body: str = "Hello.\r\n", *, attachment: tuple[str, bytes] | None = None) -> bytes:
    """A mail of text, with one attachment if a name and its octets are given. Found again by its subject."""
    head = f"From: Ben <ben@example.net>\r\nTo: Anna <anna@example.org>\r\nSubject: {subject}\r\n"
    if attachment is None:
        return f"{head}\r\n{body}".encode()
    name, octets = attachment
    coded = base64.encodebytes(octets).replace(b"\n", b"\r\n").decode()
    return (
        f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="cut"\r\n\r\n'
        f"--cut\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}"
        f'--cut\r\nContent-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{coded}--cut--\r\n'
    ).encode()
