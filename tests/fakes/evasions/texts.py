"""Row 36: words that are hidden from a screener; row 37: addresses. A text goes through the same stages as a file."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fakes.evasions import cms, documents
from fakes.evasions.containers import zipped
from fakes.evasions.draft import Draft, Stage, Step, Technique

WORD = "planted-word"


def _text(media: bytes, octets: bytes) -> Step:
    return lambda draft: replace(draft, media=media, octets=octets, disposition=None)


def _file(media: bytes, octets: bytes, name: bytes) -> Step:
    return lambda draft: replace(draft, media=media, octets=octets, disposition=b'attachment; filename="' + name + b'"')


def _spelt() -> Iterator[tuple[str, bytes, bytes]]:
    """What it does, the type, the octets."""
    plain = b"text/plain; charset=utf-8"
    html = b"text/html; charset=utf-8"
    yield "plain", plain, f"a {WORD} here".encode()
    for about, text in (
        ("soft-hyphens", "\u00ad".join(WORD)),
        ("zero-width", "\u200b".join(WORD)),
        ("joiners", "pl\u200dan\u200cted-w\u2060ord"),
        ("byte-order-marks", "pla\ufeffnted-word"),
        ("variation-selectors", "plan\ufe0fted-word"),
        ("tag-characters", "plan\U000e0061ted-word"),
        ("turned", "\u202dplanted\u202c-word"),
        ("hangul-filler", "plan\u3164ted-word"),
        ("fullwidth", "".join(chr(ord(one) + 0xFEE0) for one in WORD)),
        ("mathematical", "".join(chr(ord(one) + 0x1D41A - 97) if one.isalpha() else one for one in WORD)),
        ("circled", "".join(chr(ord(one) + 0x24D0 - 97) if one.isalpha() else one for one in WORD)),
        ("small-hyphen", "planted\ufe63word"),
        ("mongolian", "plan\u180eted-word"),
        ("combining-joiner", "plan\u034fted-word"),
    ):
        yield about, plain, f"a {text} here".encode()
        yield f"{about}-in-html", html, f"<p>a {text} here</p>".encode()
    for about, text in (
        ("entities", "pl&#97;nted&#x2d;w&#111;rd"),
        ("entities-no-semicolon", "pl&#97nted-w&#111rd"),
        ("entities-zeros", "pl&#0000097;nted-word"),
        ("entity-soft-hyphen", "plan&shy;ted-word"),
        ("entity-zero-width", "plan&#8203;ted-word&zwnj;"),
        ("named-entities", "planted&hyphen;word".replace("&hyphen;", "&#45;")),
        ("inline-tags", "pla<b></b>nt<i>e</i>d-<font size=1>word</font>"),
        ("a-tag-a-letter", "".join(f"<span>{one}</span>" for one in WORD)),
        ("unknown-tags", "pla<zzz>nt</zzz>ed-<x-y>word"),
        ("comments", "plan<!-- x -->ted-<!---->word"),
        ("odd-comments", "plan<!x>ted-<?y?>word"),
        ("end-tags", "plan</b>ted-</zzz>word"),
        ("attribute-with-greater-than", '<a title=">">planted-word</a>'),
        ("null-in-tag", "pla<b\0>nt</b>ed-word"),
        ("hidden-between", 'plan<span style="display:none">xyz</span>ted-word'),
        ("hidden-font-between", 'plan<font style="font-size:0">xyz</font>ted-word'),
        ("hidden-display", '<div style="display : NONE">planted-word</div>'),
        ("hidden-white", '<font color="#ffffff">planted-word</font>'),
        ("hidden-size", '<span style="font-size:0px">planted-word</span>'),
        ("hidden-visibility", '<span style="visibility:hidden">planted-word</span>'),
        ("hidden-attribute", "<p hidden>planted-word</p>"),
        ("hidden-class", "<style>.h{display:none}</style><p class=h>planted-word</p>"),
        ("noscript", "<noscript>planted-word</noscript>"),
        ("textarea", "<textarea>planted-word</textarea>"),
        ("title", "<title>planted-word</title>"),
        ("alternative-text", '<img src=x alt="planted-word">'),
        ("link", '<a href="http://planted-word.example/">x</a>'),
        ("conditional-comment", "<!--[if mso]><p>planted-word</p><![endif]-->"),
        ("unclosed-comment", "<!-- planted-word"),
        ("comment-bang-end", "<!-- a --!>planted-word"),
        ("short-comment", "<!-->planted-word"),
        ("unclosed-quote", '<a href="x>planted-word</a>'),
        ("unclosed-style", "<style>planted-word"),
        ("stray-less-than", "a < b planted-word"),
        ("plaintext", "<plaintext>planted-word"),
        ("xmp", "<xmp>planted-word</xmp>"),
        ("template", "<template>planted-word</template>"),
        ("cdata", "<![CDATA[planted-word]]>"),
        ("option", "<select><option>planted-word</option></select>"),
        ("table-cells", "<td>x</td><td>planted-word</td>"),
        ("turned-by-markup", '<bdo dir="rtl">drow-detnalp</bdo>'),
    ):
        yield f"html-{about}", html, f"<html><body>{text}</body></html>".encode()
    utf7 = b"".join(b"+" + base64.b64encode(one.encode("utf-16-be")).rstrip(b"=") + b"-" for one in WORD)
    for about, media, octets in (
        ("utf-7", b"text/plain; charset=utf-7", utf7),
        ("utf-7-named-otherwise", b"text/plain; charset=unicode-1-1-utf-7", utf7),
        ("utf-7-in-html", b"text/html; charset=utf-7", b"+ADw-p+AD4-" + utf7),
        ("utf-16", b"text/plain; charset=utf-16", f"a {WORD} here".encode("utf-16")),
        ("utf-16-without-mark", b"text/plain; charset=utf-16", f"a {WORD} here".encode("utf-16-be")),
        ("utf-16le-without-mark", b"text/plain; charset=utf-16", f"a {WORD} here, and more".encode("utf-16-le")),
        ("utf-16-undeclared", b"text/plain", f"a {WORD} here, and more of it".encode("utf-16-le")),
        ("utf-16-says-ascii", b"text/plain; charset=us-ascii", f"a {WORD} here, and more of it".encode("utf-16")),
        ("utf-16-html", b"text/html; charset=utf-16le", f"<p>a {WORD}".encode("utf-16-le")),
        ("utf-32", b"text/plain; charset=utf-32", f"a {WORD} here".encode("utf-32")),
        ("utf-8-mark", b"text/plain; charset=iso-8859-1", b"\xef\xbb\xbf" + f"ä {WORD}".encode()),
        ("says-latin-is-utf-8", b"text/plain; charset=iso-8859-1", "ä plan\u00adted-word".encode()),
        ("says-utf-8-is-latin", b"text/plain; charset=utf-8", b"\xe4 plan\xadted-word"),
        ("says-ascii-is-latin", b"text/plain; charset=us-ascii", b"\xe4 planted-word"),
        ("ebcdic", b"text/plain; charset=ibm500", WORD.encode("cp500")),
        ("ebcdic-037", b"text/plain; charset=cp037", WORD.encode("cp037")),
        ("unknown-charset", b"text/plain; charset=x-none", b"a planted-word"),
        ("charset-twice", b"text/plain; charset=utf-8; charset=utf-7", utf7),
        ("charset-twice-first", b"text/plain; charset=utf-7; charset=utf-8", utf7),
        ("charset-extended", b"text/plain; charset*=us-ascii''utf-7", utf7),
        ("charset-comment", b"text/plain; charset=(x)utf-7", utf7),
        ("charset-quoted", b'text/plain; charset=" utf-7 "', utf7),
        ("iso-2022-jp", b"text/plain; charset=iso-2022-jp", b"\x1b(J" + WORD.encode() + b"\x1b(B"),
        (
            "iso-2022-jp-fullwidth",
            b"text/plain; charset=iso-2022-jp",
            "".join(chr(ord(one) + 0xFEE0) for one in WORD if one != "-").encode("iso-2022-jp") + b" planted-word",
        ),
        ("hz", b"text/plain; charset=hz-gb-2312", b"~{<:Ky2;S{~} planted-word"),
        ("meta-charset", b"text/html", b'<meta charset="utf-7"><p>' + utf7),
        ("nul-letters", b"text/plain", b"plan\0ted-word"),
        ("text-enriched", b"text/enriched", b"plan<bold></bold>ted-word"),
        ("text-rtf", b"text/rtf", b"{\\rtf1 plan{\\b}ted-word}"),
        ("xhtml", b"application/xhtml+xml", b"<html><body>plan<b/>ted-word</body></html>"),
        ("text-unknown", b"text/x-none", b"a planted-word"),
        ("type-missing", b"", b"a planted-word"),
        ("format-flowed", b"text/plain; format=flowed; delsp=yes", b"planted- \r\nword"),
        ("html-as-plain-is-html", b"text/html", b"<p>planted-word"),
        ("xml", b"text/xml", b"<a>planted-word</a>"),
        ("delivery-status", b"message/delivery-status", b"Status: 5.0.0\r\nDiagnostic-Code: planted-word\r\n"),
    ):
        yield about, media, octets


_LINES = f"first line\r\na {WORD} here\r\n"
_WIDE_LETTERS = "".join(chr(ord(one) + 0xFEE0) for one in WORD)


def _attached() -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """What it does, the type, the octets and the name of a file that some program shows as text."""
    utf7 = b"".join(b"+" + base64.b64encode(one.encode("utf-16-be")).rstrip(b"=") + b"-" for one in WORD)
    cyrillic = f"Добрый день. {WORD} Всего доброго, до свидания."
    chinese = f"你好，世界。这是一个测试文件。{WORD}请不要回复。"
    for about, media, octets in (
        ("utf-16", b"text/plain; charset=utf-16", _LINES.encode("utf-16-be")),
        ("utf-16le", b"text/plain; charset=utf-16le", _LINES.encode("utf-16-le")),
        ("utf-16-undeclared", b"text/plain", _LINES.encode("utf-16-le")),
        ("utf-16be-undeclared", b"application/octet-stream", _LINES.encode("utf-16-be")),
        ("utf-16-cyrillic", b"application/octet-stream", cyrillic.encode("utf-16-le")),
        ("utf-16-cyrillic-says-ascii", b"text/plain; charset=us-ascii", cyrillic.encode("utf-16-be")),
        ("utf-16-chinese", b"text/plain; charset=iso-8859-1", chinese.encode("utf-16-le")),
        ("utf-32", b"text/plain; charset=utf-32", _LINES.encode("utf-32-be")),
        ("utf-32-undeclared", b"text/plain", cyrillic.encode("utf-32-le")),
        ("utf-7", b"text/plain; charset=utf-7", utf7),
        ("utf-7-charset-twice", b"text/plain; charset=us-ascii; charset=utf-7", utf7),
        ("utf-7-says-itself", b"text/xml", b'<?xml version="1.0" encoding="utf-7"?>' + utf7),
        ("page-says-otherwise", b"text/html; charset=utf-8", b'<html><meta charset="utf-7"><p>' + utf7),
        ("iso-2022-jp", b"text/plain; charset=iso-2022-jp", f"{_WIDE_LETTERS[:7]}-{_WIDE_LETTERS[8:]}".encode("iso-2022-jp")),
        ("iso-2022-jp-undeclared", b"text/plain", f"{_WIDE_LETTERS[:7]}-{_WIDE_LETTERS[8:]}".encode("iso-2022-jp")),
        ("hz-undeclared", b"text/plain", f"{_WIDE_LETTERS[:7]}-{_WIDE_LETTERS[8:]}".encode("hz")),
        ("ebcdic", b"text/plain; charset=ibm500", _LINES.encode("cp500")),
        ("ebcdic-octets", b"application/octet-stream; charset=cp037", _LINES.encode("cp037")),
        ("says-latin-is-utf-8", b"text/plain; charset=iso-8859-1", "ä plan\u00adted-word".encode()),
        ("like-a-pdf", b"text/plain", b"%PDF- planted-word"),
        ("control-first", b"text/plain", b"\x01 planted-word"),
        ("like-a-picture", b"application/octet-stream", b"GIF89a\x01 planted-word"),
    ):
        yield f"attached-{about}", media, octets, b"note.txt"
        if b"charset=utf-7" not in media and b"iso-2022-jp" not in media:
            yield f"packed-{about}", b"application/zip", zipped(("note.txt", octets)), b"notes.zip"
            yield f"packed-without-ending-{about}", b"application/zip", zipped(("note", octets)), b"notes.zip"


def _wrapped() -> Iterator[tuple[str, Step]]:
    """Texts and files in opaque S/MIME, as a part of the mail, by another name, and in a container."""
    plain = f"Content-Type: text/plain; charset=utf-8\r\n\r\na {WORD} here\r\n".encode()
    coded = b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"<p>planted<b>-wo</b>rd")
    media = b"application/pkcs7-mime; smime-type=signed-data"
    for about, octets in cms.wrapping(plain):
        yield about, _file(media, octets, b"smime.p7m")
    base64_inside = cms.signed(cms.der(4, coded))
    yield "coded", _file(media, base64_inside, b"smime.p7m")
    yield "x-type", _file(b"application/x-pkcs7-mime", base64_inside, b"a.dat")
    yield "name-alone", _file(b"application/octet-stream", base64_inside, b"smime.p7m")
    yield "content-alone", _file(b"application/octet-stream", base64_inside, b"a.dat")
    yield "packed", _file(b"application/zip", zipped(("smime.p7m", base64_inside)), b"a.zip")
    yield "message-packed", _file(b"application/zip", zipped(("a.eml", b"Subject: x\r\n" + coded)), b"a.zip")


def _alike(step: Step) -> Step:
    def apply(draft: Draft) -> Draft:
        made = step(draft)
        return replace(made, wanted=replace(made.wanted, alike=True))

    return apply


def _lookalikes() -> Iterator[tuple[str, Step]]:
    """The word in letters that look like its own (Unicode TR39)."""
    plain = b"text/plain; charset=utf-8"
    for about, word in (
        ("cyrillic", "рlаntеd-wоrd"),
        ("greek", "plαntεd-wοrd".replace("ε", "e")),
        ("greek-capitals", "PLΑΝΤΕD-WΟRD"),
        ("cyrillic-capitals", "РLАNТЕD-WОRD"),
        ("latin-extended", "pl\u0251nted-word"),
        ("armenian", "plante\u0501-w\u0585rd"),
        ("cherokee", "\u13e2LANTED-WORD"),
        ("capital-i", "pIanted-word"),
        ("digits", "p1anted-w0rd"),
        ("bar", "p|anted-word"),
        ("other-hyphen", "planted\u2010word"),
        ("minus", "planted\u2212word"),
        ("with-zero-width", "рlа\u200bntеd-wоrd"),
    ):
        yield about, _text(plain, f"a {word} here".encode())
        yield f"{about}-in-html", _text(b"text/html; charset=utf-8", f"<p>a {word[:3]}<b>{word[3:]}</b> here".encode())
        yield f"{about}-attached", _file(plain, f"a {word} here".encode(), b"note.txt")
    yield "legacy-charset", _text(b"text/plain; charset=koi8-r", "рlаntеd-wоrd".encode("koi8-r"))
    yield "in-a-document", _file(b"application/octet-stream", documents.word(documents.run("рlаntеd-wоrd")), b"note.docx")


# A program is needed that takes the file for a text, and the charset for the declared one.
_NAMED_ONLY = ("ebcdic", "like-a-p", "control-first", "utf-32", "page-says")


def techniques() -> tuple[Technique, ...]:
    """Texts as the first stage: what they are. Bodies have no name, files one."""
    return (
        *(Technique(36, about, Stage.FILE, _text(media, octets)) for about, media, octets in _spelt()),
        *(
            Technique(36, about, Stage.FILE, _file(media, octets, name))
            for about, media, octets, name in _attached()
            if not (about.startswith("packed-without") and any(one in about for one in _NAMED_ONLY))
        ),
        *(
            Technique(36, about, Stage.FILE, _file(b"application/octet-stream", octets, name.encode()))
            for about, name, octets in documents.hiding(WORD)
        ),
        *(Technique(36, f"homoglyphs-{about}", Stage.FILE, _alike(step)) for about, step in _lookalikes()),
        *(Technique(36, f"smime-{about}", Stage.FILE, step) for about, step in _wrapped()),
    )


@dataclass(frozen=True, slots=True)
class HeaderCase:
    """A word in a subject, or an address in a field, and the lines that hide it."""

    row: int
    about: str
    lines: bytes
    wanted: str

    def __str__(self) -> str:
        return f"{self.row:02}-{self.about}"

    @property
    def message(self) -> bytes:
        """The whole message."""
        return self.lines + b"To: b@example.org\r\nMIME-Version: 1.0\r\n\r\nhello\r\n"


def subjects() -> Iterator[HeaderCase]:
    """Ways to write the word into a Subject."""
    utf7 = b"".join(b"+" + base64.b64encode(one.encode("utf-16-be")).rstrip(b"=") + b"-" for one in WORD)
    word = WORD.encode()
    for about, value in (
        ("plain", word),
        ("a-word-a-letter", b" ".join(b"=?utf-8?Q?=%02X?=" % octet for octet in word)),
        ("a-word-a-letter-folded", b"\r\n ".join(b"=?utf-8?Q?=%02X?=" % octet for octet in word)),
        ("a-base64-word-a-letter", b" ".join(b"=?utf-8?B?" + base64.b64encode(bytes((octet,))) + b"?=" for octet in word)),
        ("base64", b"=?utf-8?B?" + base64.b64encode(word) + b"?="),
        ("base64-not-padded", b"=?utf-8?B?" + base64.b64encode(b"a " + word).rstrip(b"=") + b"?="),
        ("split-character", b"=?utf-8?Q?=C3?= =?utf-8?Q?=A4_planted-word?="),
        ("split-base64-character", b"=?utf-8?B?w6Rwb?= =?utf-8?B?GFudGVkLXdvcmQ=?="),
        ("blanks-in-word", b"=?utf-8?Q?a planted-word?="),
        ("utf-7", b"=?utf-7?Q?" + utf7 + b"?="),
        ("utf-16", b"=?utf-16?B?" + base64.b64encode(WORD.encode("utf-16")) + b"?="),
        ("soft-hyphens", b"=?utf-8?Q?plan=C2=ADted-word?="),
        ("zero-width", b"=?utf-8?Q?plan=E2=80=8Bted-word?="),
        ("fullwidth", b"=?utf-8?B?" + base64.b64encode("".join(chr(ord(one) + 0xFEE0) for one in WORD).encode()) + b"?="),
        ("raw-utf-8", "ä planted-word".encode()),
        ("raw-latin-1", b"\xe4 planted-word"),
        ("unknown-charset", b"=?x-none?Q?planted-word?="),
        ("folded", b"=?utf-8?Q?planted?=\r\n =?utf-8?Q?-word?="),
        ("in-quotes", b'"=?utf-8?Q?planted-word?="'),
        ("text-joined", b"x=?utf-8?Q?planted-word?=y"),
        ("lower-case-q", b"=?utf-8?q?planted=2dword?="),
        ("language", b"=?utf-8*en?Q?planted-word?="),
        ("bad-hex", b"=?utf-8?Q?=ZZ planted=2Dword?="),
        ("eight-bit-in-word", b"=?utf-8?Q?\xc3\xa4planted-word?="),
        ("second", b"nothing\r\nSubject: planted-word"),
        ("first-of-two", b"planted-word\r\nSubject: nothing"),
        ("nul", b"plan\0ted-word"),
    ):
        yield HeaderCase(36, f"subject-{about}", b"From: a@b.example\r\nSubject: " + value + b"\r\n", WORD)
    for about, field in (
        ("blank-before-colon", b"Subject :"),
        ("no-blank", b"Subject:"),
        ("upper-case", b"SUBJECT: "),
        ("comment", b"Subject(x): "),
        ("folded", b"Subject:\r\n "),
    ):
        yield HeaderCase(36, f"subject-field-{about}", b"From: a@b.example\r\n" + field + word + b"\r\n", WORD)


def senders() -> Iterator[HeaderCase]:
    """Ways to write an address into From."""
    bad = "bad@example.net"
    for about, lines in (
        ("plain", b"From: bad@example.net"),
        ("two-in-angles", b"From: <ok@example.org>,<bad@example.net>"),
        ("two-fields-last", b"From: ok@example.org\r\nFrom: bad@example.net"),
        ("two-fields-first", b"From: bad@example.net\r\nFrom: ok@example.org"),
        ("three-fields", b"From: ok@example.org\r\nFrom: bad@example.net\r\nFrom: me@example.org"),
        ("address-as-name", b'From: "ok@example.org" <bad@example.net>'),
        ("address-as-name-unquoted", b"From: ok@example.org <bad@example.net>"),
        ("name-behind", b"From: <bad@example.net> ok@example.org"),
        ("comment-before", b"From: (ok@example.org) bad@example.net"),
        ("comment-behind", b"From: bad@example.net (ok@example.org)"),
        ("comment-within", b"From: bad(x)@example.net"),
        ("comment-nested", b"From: (a(ok@example.org)b) bad@example.net"),
        ("group", b"From: group: ok@example.org, bad@example.net;"),
        ("group-empty", b"From: group:; bad@example.net"),
        ("semicolon", b"From: ok@example.org; bad@example.net"),
        ("blank-between", b"From: ok@example.org bad@example.net"),
        ("encoded-whole", b"From: =?utf-8?Q?=3Cbad=40example.net=3E?="),
        ("encoded-address", b"From: =?utf-8?Q?bad=40example=2Enet?="),
        ("encoded-base64", b"From: =?utf-8?B?" + base64.b64encode(b"<bad@example.net>") + b"?="),
        ("encoded-then-other", b"From: =?utf-8?Q?bad=40example.net?= <ok@example.org>"),
        ("encoded-local", b"From: =?utf-8?Q?bad?=@example.net"),
        ("route", b"From: <@relay.example,@b.example:bad@example.net>"),
        ("folded", b"From:\r\n bad@example.net"),
        ("folded-within", b"From: x\r\n <bad@example.net>"),
        ("blank-before-colon", b"From : bad@example.net"),
        ("upper-case", b"FROM: BAD@EXAMPLE.NET"),
        ("nul", b"From: ba\0d@example.net"),
        ("nul-behind", b"From: bad@example.net\0@example.org"),
        ("quoted-local", b'From: "bad"@example.net'),
        ("escaped-local", b'From: "b\\ad"@example.net'),
        ("double-angles", b"From: <<bad@example.net>>"),
        ("unclosed-angle", b"From: <bad@example.net"),
        ("unclosed-quote", b'From: "x <bad@example.net>'),
        ("blanks-around-at", b"From: bad @ example.net"),
        ("blank-in-angles", b"From: < bad@example.net >"),
        ("trailing-dot", b"From: bad@example.net."),
        ("tab", b"From:\tbad@example.net"),
        ("comma-first", b"From: ,bad@example.net"),
        ("mailto", b"From: <mailto:bad@example.net>"),
        ("long-name", b"From: " + b"x" * 2_000 + b" <bad@example.net>"),
        ("many", b"From: " + b", ".join(b"a%d@example.org" % n for n in range(150)) + b", bad@example.net"),
        ("eight-bit-name", b"From: \xe4\xf6 <bad@example.net>"),
        ("cr-between", b"From: ok@example.org\rFrom: bad@example.net"),
    ):
        yield HeaderCase(37, f"from-{about}", lines + b"\r\n", bad)
    for field in ("Sender", "Reply-To", "Resent-From"):
        yield HeaderCase(37, f"{field.lower()}-plain", f"From: ok@example.org\r\n{field}: x <bad@example.net>\r\n".encode(), bad)
        yield HeaderCase(
            37,
            f"{field.lower()}-twice",
            f"From: ok@example.org\r\n{field}: me@example.org\r\n{field}: bad@example.net\r\n".encode(),
            bad,
        )
