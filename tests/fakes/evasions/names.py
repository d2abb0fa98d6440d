"""Rows 21 to 26: how a part says the name of its file."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote_from_bytes

from fakes.evasions.draft import Draft, Stage, Step, Technique


def _said(disposition: bytes | None, parameters: bytes = b"") -> Step:
    """The disposition, and parameters of Content-Type; %s is the name without its ending, %e its ending without dot."""

    def step(draft: Draft) -> Draft:
        stem, _, ending = draft.name.encode().rpartition(b".")

        def filled(octets: bytes) -> bytes:
            return octets.replace(b"%s", stem).replace(b"%e", ending)

        return replace(draft, disposition=None if disposition is None else filled(disposition), parameters=filled(parameters))

    return step


def _fields() -> Iterator[Technique]:
    for about, disposition, parameters in (
        ("type-only", None, b'; name="%s.%e"'),
        ("type-only-beside-disposition", b"attachment", b'; name="%s.%e"'),
        ("disposition-only", b'attachment; filename="%s.%e"', b""),
        ("both", b'attachment; filename="%s.%e"', b'; name="%s.%e"'),
        ("type-has-it", b'attachment; filename="a.txt"', b'; name="%s.%e"'),
        ("disposition-has-it", b'attachment; filename="%s.%e"', b'; name="a.txt"'),
        ("filename-in-type", None, b'; filename="%s.%e"'),
        ("name-in-disposition", b'attachment; name="%s.%e"', b""),
        ("disposition-without-value", b'; filename="%s.%e"', b""),
        ("disposition-only-parameter", b'filename="%s.%e"', b""),
        ("disposition-empty-filename", b'attachment; filename=""', b'; name="%s.%e"'),
        ("unquoted", b"attachment; filename=%s.%e", b""),
    ):
        yield Technique(21, about, Stage.NAME, _said(disposition, parameters))


def _continued() -> Iterator[Technique]:
    for about, said in (
        ("extended", b"filename*=utf-8''%s%2E%e"),
        ("extended-quoted", b"filename*=\"utf-8''%s%2E%e\""),
        ("language", b"filename*=us-ascii'en-us'%s.%e"),
        ("empty-charset", b"filename*=''%s%2E%e"),
        ("no-charset", b"filename*=%s.%e"),
        ("unknown-charset", b"filename*=x-none''%s%2E%e"),
        ("sections", b"filename*0=%s; filename*1=.%e"),
        ("sections-quoted", b'filename*0="%s"; filename*1=".%e"'),
        ("out-of-order", b"filename*1=.%e; filename*0=%s"),
        ("without-zero", b"filename*1=%s; filename*2=.%e"),
        ("gap", b"filename*0=%s; filename*2=.%e"),
        ("doubled-first", b"filename*0=%s; filename*0=b; filename*1=.%e"),
        ("doubled-last", b"filename*0=a; filename*0=%s; filename*1=.%e"),
        ("doubled-end", b"filename*0=%s; filename*1=.txt; filename*1=.%e"),
        ("leading-zeros", b"filename*00=%s; filename*01=.%e"),
        ("extended-sections", b"filename*0*=utf-8''%s; filename*1*=%2E%e"),
        ("mixed", b"filename*0*=utf-8''%s; filename*1=.%e"),
        ("mixed-late", b"filename*0=%s; filename*1*=%2E%e"),
        ("plain-then-extended", b"filename=a.txt; filename*=utf-8''%s.%e"),
        ("extended-then-plain", b"filename*=utf-8''a.txt; filename=%s.%e"),
        ("plain-then-sections", b"filename=a.txt; filename*0=%s; filename*1=.%e"),
        ("sections-then-plain", b"filename*0=a; filename*1=.txt; filename=%s.%e"),
        ("plain-has-it", b"filename=%s.%e; filename*0=a; filename*1=.txt"),
        ("one-section", b"filename*0=%s.%e"),
        ("one-extended-section", b"filename*0*=utf-8''%s.%e"),
        ("blanks", b"filename * 0 = %s ; filename * 1 = .%e"),
        ("percent-in-plain", b'filename="%s%2E%e"'),
        ("charset-in-plain", b"filename=\"utf-8''%s%2E%e\""),
        ("eleven-sections", b"; ".join(b"filename*%d=%s" % (n, piece) for n, piece in enumerate([b"%s"[:2], *[b""] * 9, b".%e"]))),
        ("name-extended", b"name*=utf-8''%s%2E%e"),
        ("upper-case", b"FILENAME*0=%s; FileName*1=.%e"),
        ("encoded-word-in-section", b'filename*0="=?utf-8?Q?%s?="; filename*1=".%e"'),
    ):
        yield Technique(22, about, Stage.NAME, _said(b"attachment; " + said))
    yield Technique(22, "sections-in-type", Stage.NAME, _said(None, b"; name*0=%s; name*1=.%e"))

    def utf16(draft: Draft) -> Draft:
        said = quote_from_bytes(draft.name.encode("utf-16-be"), safe="").encode()
        return replace(draft, disposition=b"attachment; filename*=utf-16be''" + said)

    def letters(draft: Draft) -> Draft:
        return replace(
            draft,
            disposition=b"attachment; " + b"; ".join(b"filename*%d=%c" % (n, octet) for n, octet in enumerate(draft.name.encode())),
        )

    yield Technique(22, "utf-16", Stage.NAME, utf16)
    yield Technique(22, "a-section-a-letter", Stage.NAME, letters)


def _words() -> Iterator[Technique]:
    for about, said in (
        ("quoted", b'"=?utf-8?Q?%s=2E%e?="'),
        ("unquoted", b"=?utf-8?Q?%s=2E%e?="),
        ("split", b'"=?utf-8?Q?%s?= =?utf-8?Q?=2E%e?="'),
        ("split-folded", b'"=?utf-8?Q?%s?=\r\n =?utf-8?Q?=2E%e?="'),
        ("split-unquoted", b"=?utf-8?Q?%s?= =?utf-8?Q?=2E%e?="),
        ("no-blank-between", b'"=?utf-8?Q?%s?==?utf-8?Q?=2E%e?="'),
        ("plain-then-word", b'"%s=?utf-8?Q?=2E%e?="'),
        ("word-then-plain", b'"=?utf-8?Q?%s?=.%e"'),
        ("unknown-charset", b'"=?x-none?Q?%s.%e?="'),
        ("language", b'"=?utf-8*en?Q?%s.%e?="'),
        ("lower-case-q", b'"=?utf-8?q?%s=2e%e?="'),
        ("utf-7", b'"=?utf-7?Q?%s+AC4-%e?="'),
        ("empty-word", b'"=?utf-8?Q??=%s.%e"'),
        ("charsets-differ", b'"=?utf-8?Q?%s?= =?iso-8859-1?Q?=2E%e?="'),
    ):
        yield Technique(23, about, Stage.NAME, _said(b"attachment; filename=" + said))

    def base64_in(charset: str, codec: str, *, padded: bool = True, pieces: int = 1) -> Step:
        def step(draft: Draft) -> Draft:
            raw = draft.name.encode(codec)
            size = -(-len(raw) // pieces)
            words = []
            for at in range(0, len(raw), size):
                word = base64.b64encode(raw[at : at + size])
                words.append(b"=?" + charset.encode() + b"?B?" + (word if padded else word.rstrip(b"=")) + b"?=")
            return replace(draft, disposition=b'attachment; filename="' + b" ".join(words) + b'"')

        return step

    yield Technique(23, "base64", Stage.NAME, base64_in("utf-8", "utf-8"))
    yield Technique(23, "base64-not-padded", Stage.NAME, base64_in("utf-8", "utf-8", padded=False))
    yield Technique(23, "base64-in-pieces", Stage.NAME, base64_in("utf-8", "utf-8", pieces=3))
    yield Technique(23, "utf-16", Stage.NAME, base64_in("utf-16", "utf-16"))
    yield Technique(23, "utf-16le", Stage.NAME, base64_in("utf-16le", "utf-16-le"))
    yield Technique(23, "utf-16-split-character", Stage.NAME, base64_in("utf-16be", "utf-16-be", pieces=5))
    yield Technique(23, "utf-32", Stage.NAME, base64_in("utf-32", "utf-32"))
    yield Technique(23, "in-type", Stage.NAME, _said(None, b'; name="=?utf-8?Q?%s=2E%e?="'))


def _parameters() -> Iterator[Technique]:
    for about, said in (
        ("twice-last", b"filename=a.txt; filename=%s.%e"),
        ("twice-first", b"filename=%s.%e; filename=a.txt"),
        ("unterminated", b'filename="%s.%e'),
        ("unterminated-then-more", b'filename="%s.%e; size=1'),
        ("quote-at-end", b'filename=%s.%e"'),
        ("blank-before-equals", b"filename =%s.%e"),
        ("blanks-around-equals", b"filename = %s.%e"),
        ("tabs", b"\tfilename\t=\t%s.%e"),
        ("comment-before-equals", b"filename(x)=%s.%e"),
        ("comment-before-value", b"filename=(x)%s.%e"),
        ("comment-after-value", b"filename=%s.%e(x)"),
        ("comment-within-value", b"filename=%s(x).%e"),
        ("in-other-quotes", b'x="a;filename=%s.%e"'),
        ("upper-case", b"FILENAME=%s.%e"),
        ("two-semicolons", b"; filename=%s.%e"),
        ("quoted-name", b'"filename"=%s.%e'),
        ("single-quotes", b"filename='%s.%e'"),
        ("escaped-quotes", b'filename="\\"%s.%e\\""'),
        ("escaped-letters", b'filename="%s\\.%e"'),
        ("folded", b'\r\n filename="%s.%e"'),
        ("folded-within", b'filename="%s\r\n .%e"'),
        ("comma-between", b"x=1, filename=%s.%e"),
        ("no-semicolon", b'x="1" filename=%s.%e'),
        ("nul-in-name-of-parameter", b"file\0name=%s.%e"),
        ("space-in-name", b'filename="a b %s.%e"'),
    ):
        change = about in ("folded-within", "space-in-name", "escaped-quotes", "single-quotes")
        yield Technique(24, about, Stage.NAME, _loose(_said(b"attachment; " + said)) if change else _said(b"attachment; " + said))

    def semicolon(draft: Draft) -> Draft:
        return replace(
            draft,
            disposition=b"attachment; filename=a.txt;." + draft.name.rpartition(".")[2].encode(),
            wanted=replace(draft.wanted, name=None),
        )

    yield Technique(24, "semicolon-unquoted", Stage.NAME, semicolon)


def _loose(step: Step) -> Step:
    """Where the name becomes part of a longer one, its ending must be found."""

    def loosened(draft: Draft) -> Draft:
        return replace(step(draft), wanted=replace(draft.wanted, name=None))

    return loosened


def _normal_forms() -> Iterator[Technique]:
    for about, made, kept in (
        ("trailing-dot", "{name}.", True),
        ("trailing-dots-and-blanks", "{name}. . ", True),
        ("trailing-blank", "{name} ", True),
        ("stream", "{name}::$DATA", True),
        ("named-stream", "{name}:x", True),
        ("stream-hidden", "a.txt:{name}", False),
        ("backslash-path", "..\\..\\{name}", True),
        ("drive-path", "C:\\temp\\{name}", True),
        ("slash-path", "/tmp/{name}", True),
        ("path-with-ending", "a.txt/{name}", True),
        ("turned", "a\u202efdp.{ending}", False),
        ("turned-back", "{stem}\u202d.\u202c{ending}", True),
        ("zero-width", "{stem}.\u200b{ending}", True),
        ("zero-width-within", "{stem}.{e0}\u200d{e1}", True),
        ("soft-hyphen", "{stem}.{e0}\u00ad{e1}", True),
        ("byte-order-mark", "{name}\ufeff", True),
        ("long", "a" * 300 + ".{ending}", False),
        ("very-long", "a" * 5_000 + ".{ending}", False),
        ("upper-case", "{upper}", False),
        ("double-ending", "{stem}.pdf   .{ending}", False),
        ("wide-gap", "{stem}.pdf" + " " * 80 + ".{ending}", False),
        ("ending-first", "{name}.txt", False),
        ("leading-dot", ".{name}", False),
        ("only-ending", ".{ending}", False),
        ("one-dot-leader", "{stem}\u2024{ending}", True),
        ("small-full-stop", "{stem}\ufe52{ending}", True),
        ("ideographic-full-stop", "{stem}.\u3164{ending}", True),
        ("tag-characters", "{name}\U000e0041", True),
        ("variation-selector", "{stem}.{e0}\ufe0f{e1}", True),
        ("no-break-space-end", "{name}\u00a0", True),
    ):
        yield Technique(25, about, Stage.NAME, _formed(made, kept=kept))
        if not made.isascii():
            yield Technique(25, f"{about}-extended", Stage.NAME, _formed(made, kept=kept, extended=True))
    yield Technique(25, "fullwidth", Stage.NAME, _translated(0xFEE0, 33, 127))
    yield Technique(25, "mathematical", Stage.NAME, _translated(0x1D41A - 97, 97, 123))
    for about, tail in (
        ("nul", b"%00.txt"),
        ("control", b"%01"),
        ("newline", b"%0A"),
        ("carriage-return", b"%0D%0A"),
        ("tab", b"%09"),
    ):

        def step(draft: Draft, tail: bytes = tail) -> Draft:
            return replace(draft, disposition=b"attachment; filename*=utf-8''" + draft.name.encode() + tail)

        yield Technique(25, about, Stage.NAME, step)
    yield Technique(25, "raw-nul", Stage.NAME, _said(b'attachment; filename="%s.%e\0.txt"'))
    yield Technique(40, "raw-latin-1", Stage.NAME, _loose(_said(b'attachment; filename="\xe4\xf6.%s.%e"')))
    yield Technique(40, "raw-utf-8", Stage.NAME, _loose(_said('attachment; filename="ä.%s.%e"'.encode())))
    yield Technique(40, "invalid-utf-8", Stage.NAME, _loose(_said(b'attachment; filename="\xff\xfe\xed\xa0\x80.%s.%e"')))
    yield Technique(40, "surrogates-extended", Stage.NAME, _loose(_said(b"attachment; filename*=utf-8''%ED%A0%80.%s.%e")))
    yield Technique(40, "surrogates-utf-7", Stage.NAME, _loose(_said(b'attachment; filename="=?utf-7?Q?+2AA-?= %s.%e"')))
    yield Technique(
        40,
        "surrogates-utf-16",
        Stage.NAME,
        _loose(_said(b"attachment; filename*0*=utf-16be''%D8%00; filename*1*=.%s.%e; filename=\"%s.%e\"")),
    )


def _formed(pattern: str, *, kept: bool, extended: bool = False) -> Step:
    def step(draft: Draft) -> Draft:
        stem, _, ending = draft.name.rpartition(".")
        name = pattern.format(name=draft.name, stem=stem, ending=ending, e0=ending[:1], e1=ending[1:], upper=draft.name.upper())
        raw = name.encode()
        said = (
            b"filename*=utf-8''" + quote_from_bytes(raw).encode()
            if extended
            else b'filename="' + raw.replace(b"\\", b"\\\\") + b'"'
        )
        wanted = draft.wanted if kept else replace(draft.wanted, name=None)
        return replace(draft, disposition=b"attachment; " + said, wanted=wanted)

    return step


def _translated(shift: int, low: int, high: int) -> Step:
    def step(draft: Draft) -> Draft:
        name = "".join(chr(ord(one) + shift) if low <= ord(one) < high else one for one in draft.name)
        return replace(draft, disposition=b'attachment; filename="' + name.encode() + b'"')

    return step


def _nameless() -> Iterator[Technique]:
    def without(draft: Draft) -> Draft:
        return replace(draft, wanted=replace(draft.wanted, name=None, extension=None))

    def dangerous(draft: Draft) -> Draft:
        return replace(without(draft), media=b"application/x-msdownload")

    def typed_text(draft: Draft) -> Draft:
        return replace(without(draft), media=b"text/plain")

    def untyped(draft: Draft) -> Draft:
        return replace(without(draft), media=b"")

    def attachment(draft: Draft) -> Draft:
        return replace(without(draft), disposition=b"attachment")

    def unknown_type(draft: Draft) -> Draft:
        return replace(without(draft), media=b"x-none/x-none")

    def script(draft: Draft) -> Draft:
        return replace(without(draft), media=b"text/javascript", wanted=replace(without(draft).wanted, extension="js"))

    for about, step in (
        ("no-name", without),
        ("dangerous-type", dangerous),
        ("text-type", typed_text),
        ("empty-type", untyped),
        ("disposition-only", attachment),
        ("unknown-type", unknown_type),
        ("script-type", script),
    ):
        yield Technique(26, about, Stage.NAME, step)
    for about, said in (
        ("inline", b'inline; filename="%s.%e"'),
        ("unknown-disposition", b'x-none; filename="%s.%e"'),
        ("form-data", b'form-data; name="x"; filename="%s.%e"'),
    ):
        yield Technique(27, about, Stage.NAME, _said(said))
    for media in (
        "image/png",
        "text/plain",
        "text/html",
        "application/pgp-signature",
        "text/calendar",
        "message/delivery-status",
        "multipart/mixed",
    ):

        def typed(draft: Draft, media: str = media) -> Draft:
            return replace(draft, media=media.encode(), disposition=b'attachment; filename="' + draft.name.encode() + b'"')

        yield Technique(31, f"type-says-{media.replace('/', '-')}", Stage.NAME, typed)
    for name in ("photo.jpg", "readme.txt", "winmail.dat", "smime.p7s", "a.eml"):

        def renamed(draft: Draft, name: str = name) -> Draft:
            wanted = replace(draft.wanted, name=None, extension=None)
            return replace(draft, disposition=b'attachment; filename="' + name.encode() + b'"', wanted=wanted)

        yield Technique(31, f"name-says-{name}", Stage.NAME, renamed)


def techniques() -> tuple[Technique, ...]:
    """All of this file."""
    return (*_fields(), *_continued(), *_words(), *_parameters(), *_normal_forms(), *_nameless())
