"""What a text is by how it begins: a page, a script, a message, a calendar. Pure, bounded, never raises."""

import re

_SAMPLE = 8 * 1024  # octets in which a text is told from others
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?[\s\0]{0,512}+(?>(?:<!--.{0,4096}?-->[\s]{0,512}+){0,8})<(!doctype\s+html|html|head|body|script|iframe|table|meta|div|"
    rb"svg|hta:application|\?xml|\?php|!doctype\s+svg|a\s+href|img\s|form\s|title|style|p>|br>|center|font|(?:job|package|component)(?=[\s/>]))",
    re.IGNORECASE | re.DOTALL,
)
_TEXT_MARKS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\s{0,64}BEGIN:VCALENDAR", re.IGNORECASE), "text/calendar"),
    (re.compile(rb"\s{0,64}BEGIN:VCARD", re.IGNORECASE), "text/vcard"),
    (re.compile(rb"\s{0,64}\[InternetShortcut\]", re.IGNORECASE), "application/x-mswinurl"),
    (re.compile(rb"\s{0,64}\[autorun\]", re.IGNORECASE), "application/x-setupscript"),
    (re.compile(rb"\s{0,64}Windows Registry Editor", re.IGNORECASE), "text/x-ms-regedit"),
    (re.compile(rb"\s{0,64}@echo\s", re.IGNORECASE), "text/x-msdos-batch"),
    (re.compile(rb"(?:\s{0,64}#TYPE )?\s{0,64}<Objs ", re.IGNORECASE), "application/x-powershell"),
    # Word's own XML and flat OpenDocument, with or without a declaration before it.
    (re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}+<(?:[\w.-]{1,64}+:)?(?:wordDocument|package|document)[\s>]"), "text/xml"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}+\{\\rt", re.IGNORECASE), "text/rtf"),
    (re.compile(rb"\(This file must be converted with BinHex"), "application/mac-binhex40"),
    (re.compile(rb"\s{0,64}-----BEGIN PGP MESSAGE"), "application/pgp"),
    (re.compile(rb"begin(?:-base64)?[ \t]+[0-7]{1,12}[ \t]+\S"), "text/x-uuencode"),
    (
        # A message: it begins as one, or one of its first fields is one of MIME's.
        re.compile(
            rb"(?:\xef\xbb\xbf)?\s{0,64}+"
            rb"(?:(?:>?From |Received:|Return-Path:|MIME-Version:|Message-ID:)[^\r\n]{1,998}\r?\n"
            rb"(?:[>\t ]|[A-Za-z][A-Za-z0-9-]{0,60}+[ \t]*+:)|"
            rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}+[ \t]*+:[^\n]{0,998}+\n(?>(?:[ \t][^\n]{0,998}+\n){0,50})){0,60}?"
            rb"(?:MIME-Version[ \t]*+:[ \t(]*+[01]|Content-Type[ \t]*+:\s*+\"?[a-z]{1,20}+/|Content-Transfer-Encoding[ \t]*+:))",
            re.IGNORECASE,
        ),
        "message/rfc822",
    ),
)
_CONTROLS = bytes(value for value in range(32) if value not in b"\t\n\r\x0c\x1b\x08")


def looks_like_text(octets: bytes) -> bool:
    """No control characters but those of text; UTF-16 with a byte order mark counts."""
    head = octets[:_SAMPLE]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return len(head.translate(None, _CONTROLS)) == len(head)


def of_text(head: bytes) -> dict[str, None]:
    """Every type of text that fits, the likeliest first."""
    found: dict[str, None] = {}
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\0", b"")
    markup = _MARKUP.match(head)
    if markup is not None:
        name = markup[1].lower()
        if name.startswith(b"hta"):
            found.setdefault("application/hta")
        elif name in (b"svg", b"?xml") or b"svg" in name:
            found.setdefault("image/svg+xml" if name != b"?xml" or b"<svg" in head[:4096].lower() else "text/xml")
        elif name == b"?php":
            found.setdefault("text/x-php")
        elif name in (b"job", b"package", b"component"):
            if b"<script" in head.lower():
                found.setdefault("text/x-windows-script")
        else:
            found.setdefault("text/html")
        if b"<hta:application" in head.lower():
            found.setdefault("application/hta")
    for pattern, name in _TEXT_MARKS:
        if pattern.match(head) is not None:
            found.setdefault(name)
    return found
