"""Families of hostile messages, each of any size: what `anatomy_families` doubles from 1 KB to 1 MB.

These are of facts: fields, parts, texts, containers. Those of documents are `document_families`'.
"""

import base64
import gzip
import io
import zipfile
from collections.abc import Callable

SIZES = [1024 << step for step in range(11)]
TOP = b"From: a@example.net\r\nMIME-Version: 1.0\r\n"


def filled(unit: bytes, size: int) -> bytes:
    """The unit repeated up to a size."""
    return unit * (size // len(unit) + 1)


def header(unit: bytes, before: bytes = b"", after: bytes = b"\r\n\r\nx") -> Callable[[int], bytes]:
    return lambda size: before + filled(unit, size) + after


def body(unit: bytes, fields: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: TOP + fields + b"\r\n" + filled(unit, size) + after


def html(unit: bytes, before: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: TOP + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + before + filled(unit, size)


def packed(octets: bytes, name: bytes) -> bytes:
    head = b"Content-Type: application/octet-stream; name=" + name + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return TOP + head + base64.encodebytes(octets).replace(b"\n", b"\r\n")


def nested(size: int) -> bytes:
    out = b"\r\nx"
    level = 0
    while len(out) < size:
        mark = b"%d" % level
        out = (
            b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + out + b"\r\n--" + mark + b"--\r\n"
        )
        level += 1
    return out


def members(size: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(size // 150):
            archive.writestr(f"{number}.txt", b"x")
    return packed(buffer.getvalue(), b"a.zip")


MULTIPART = b"Content-Type: multipart/mixed; boundary=B\r\n"
FAMILIES: dict[str, Callable[[int], bytes]] = {
    "fields": header(b"X-A: b\r\n"),
    "one-field": header(b"a ", b"X-A: "),
    "folds": header(b"\r\n a", b"X-A: "),
    "junk-lines": header(b"junk\r\n"),
    "bare-cr": header(b"a: b\r"),
    "nul": header(b"a: b\0\r\n"),
    "crlf-cr": header(b"\r\r\r\n a", b"X: "),
    "from-quotes": header(b'\\"', b'From: "'),
    "from-parentheses": header(b"(", b"From: "),
    "from-addresses": header(b"a@b.example,", b"From: "),
    "from-at": header(b"a@", b"From: "),
    "from-run": header(b"a", b"From: a@b "),
    "from-at-run": header(b"a", b"From: a@"),
    "encoded-words": header(b"=?utf-8?Q?a?= ", b"Subject: "),
    "encoded-open": header(b"=?u?q?", b"Subject: "),
    "encoded-base64": header(b"=?utf-8?B?QUFB?=\r\n ", b"Subject: "),
    "parameters": header(b"; a=b", b"Content-Type: text/plain"),
    "parameters-numbered": header(b"; name*1=b", b"Content-Type: text/plain"),
    "parameters-quotes": header(b'\\"', b'Content-Type: text/plain; name="'),
    "parameters-comments": header(b"(a", b"Content-Type: text/plain; name="),
    "parameter-percent": header(b"%41", b"Content-Type: text/plain; name*=utf-8''"),
    "boundaries": header(b"; boundary=B", b"Content-Type: multipart/mixed", b"\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"),
    "parts": body(b"\r\n--B\r\n\r\nx", MULTIPART),
    "parts-empty": body(b"--B\r\n", MULTIPART),
    "ends": body(b"--B--\r\n", MULTIPART),
    "dashes": body(b"--\r\n", MULTIPART),
    "dashes-text": body(b"\r\n--a\r\nContent-Type: text/plain\r\n\r\nx"),
    "near-boundaries": body(b"--BB\r\n", MULTIPART),
    "dash-lines": body(b"--" + b"a" * 994 + b"\r\n"),
    "dash-line": body(b"-a", b"", b"\r\n"),
    "dash-fields": body(b"--a\r\nContent-A: b\r\n"),
    "nested": nested,
    "nested-messages": body(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: message/rfc822\r\n"),
    "base64": body(b"QUFB" * 19 + b"\r\n", b"Content-Transfer-Encoding: base64\r\n"),
    "base64-padding": body(b"QQ==", b"Content-Transfer-Encoding: base64\r\n"),
    "base64-junk": body(b"QU*FB", b"Content-Transfer-Encoding: base64\r\n"),
    "quoted": body(b"=41=\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "quoted-bad": body(b"= \t=", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "uuencode": body(b"begin 644 a\r\n"),
    "uuencode-lines": body(b"M" + b"1" * 60 + b"\r\n", after=b"end\r\n"),
    "yenc": body(b"=ybegin line=1 size=1 name=a\r\n"),
    "yenc-names": body(b"=ybegin name=", after=b"\r\n"),
    "yenc-open": body(b"=ybegin "),
    "begin-blanks": lambda size: TOP + b"\r\nbegin 644" + b" " * size + b"\r\n",
    "binhex": body(b"(This file must be converted with BinHex 4.0)\r\n\r\n:"),
    "binhex-line": body(b"(This file must be converted with BinHex"),
    "binhex-blanks": body(b"(This file must be converted with BinHex" + b"\r\n" * 199),
    "html-tags": html(b"<a>"),
    "html-open": html(b"<"),
    "html-names": html(b"<a"),
    "html-quotes": html(b'<a b="'),
    "html-attributes": html(b' a="b"', b"<p"),
    "html-attribute-names": html(b"a", b"<p "),
    "html-comments": html(b"<!--"),
    "html-comment-ends": html(b"<!--a--!>"),
    "html-hidden": html(b"<div hidden>"),
    "html-styles": html(b"<style>.a{display:none}</style>"),
    "html-style-zeros": html(b"0", b'<p style="font-size:'),
    "html-entities": html(b"&amp"),
    "html-ampersands": html(b"&"),
    "html-scripts": html(b"<script>"),
    "html-doubts": html(
        b"n<i>x</i><img alt=a><!--[if mso]>b<![endif]--><b hidden>c</b>", b"<style>i{display:none}i:after{content:'d'}</style>"
    ),
    "html-doubts-nested": html(b"n<i style=zoom:0>"),
    "html-rules": html(b".a::after{content:'b'}i{color:red}", b"n<style>"),
    "html-rules-in-one": lambda size: html(b"b:c;d{e:f}", b"<style>" + filled(b"a,", size // 2) + b"{")(size // 2),
    "html-sheets-late": lambda size: html(
        b"".join(b"<style title='>'>p{color:#%d}</style><p id=a%d>x" % (one, one) for one in range(size // 50))
    )(1),
    "html-borders": html(b"<col> ", b"<i style='float:left'>a</i>"),
    "html-seams-letters": html(b"<td>a"),
    "html-seams-words": html(b"<td>nightjar"),
    "html-seams-phrases": html(b"<td>night jar"),
    "html-seams-hidden": html(b"<td>a<b hidden>b</b>"),
    "html-seams-rows": html(b"<tr><td>a<br>b<td>c<br>d"),
    "html-seams-line-ends": html(b"<p>a\n&#8203;"),
    "html-order": html(b"<div style=display:flex><i style=order:2>a</i><i style=order:1>b</i></div>"),
    "html-order-right": html(b"<b style=float:right>a</b>"),
    "html-order-turned": html(b"<tr><td>a</td><td>b</td></tr>", b"<body dir=rtl><table>"),
    "html-frames": html(b"n<iframe srcdoc='a<b>c'>d</iframe>"),
    "html-titles": html(b"<title>a</title>"),
    "combining": body("\u0301\u0316".encode(), b"Content-Type: text/plain; charset=utf-8\r\n"),
    "ligatures": body("\ufdfa".encode(), b"Content-Type: text/plain; charset=utf-8\r\n"),
    "utf-7": body(b"+AAA-", b"Content-Type: text/plain; charset=utf-7\r\n"),
    "charset-unknown": body(b"\xe4\xf6 ", b"Content-Type: text/plain; charset=x\r\n"),
    "names": header(b"a.", b"Content-Type: application/x; name="),
    "name-colons": body(b'--B\r\nContent-Disposition: attachment; filename="a' + b":" * 900 + b'!"\r\n\r\nx\r\n', MULTIPART),
    "name-blanks": body(b'--B\r\nContent-Disposition: attachment; filename="a' + b" " * 900 + b'x"\r\n\r\nx\r\n', MULTIPART),
    "zip-members": members,
    "zip-ends": lambda size: packed(filled(b"PK\x05\x06" + b"\0" * 18, size), b"a.zip"),
    "zip-locals": lambda size: packed(filled(b"PK\x03\x04" + b"\0" * 26, size), b"a.zip"),
    "zip-centrals": lambda size: packed(b"PK\x03\x04" + filled(b"PK\x01\x02" + b"\0" * 42, size), b"a.zip"),
    "zip-descriptors": lambda size: packed(filled(b"PK\x03\x04\x14\0\x08\0\x08\0" + b"\0" * 20, size), b"a.zip"),
    "gzip-chain": lambda size: packed(filled(gzip.compress(b""), size), b"a.gz"),
    "mz": lambda size: packed(filled(b"\0MZ", size), b"a.bin"),
    "tnef": lambda size: packed(b"\x78\x9f\x3e\x22\0\0" + filled(b"\x02\x02\x90\x06\0" + b"\0" * 6, size), b"winmail.dat"),
}  # fmt: skip
