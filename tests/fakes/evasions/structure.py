"""Rows 1 to 9, 27 to 29: how the part lies in the message; and rows 20, 39: what is done to the whole."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote_from_bytes

from fakes.evasions.draft import NOTE, TOP, Carrier, Draft, Stage, Step, Technique, coded, mixed, says, uu

_PLAIN = b"Content-Type: text/plain\r\n"


def _multipart(boundary: bytes, kind: bytes = b"mixed") -> bytes:
    return b'Content-Type: multipart/%s; boundary="%s"\r\n' % (kind, boundary)


def _top(lines: bytes, note: bytes = NOTE) -> Step:
    """The honest multipart under these lines; %b is its boundary."""

    def step(draft: Draft) -> Draft:
        return replace(draft, message=mixed((note, draft.part), draft.boundary, top=lines.replace(b"%b", draft.boundary)))

    return step


def _bounded(boundary: bytes, parameter: bytes | None = None) -> Step:
    """Another boundary, said in its own way."""

    def step(draft: Draft) -> Draft:
        said = b'"' + boundary + b'"' if parameter is None else parameter
        return replace(
            draft, message=mixed((NOTE, draft.part), boundary, top=b"Content-Type: multipart/mixed; boundary=" + said + b"\r\n")
        )

    return step


def _extended(octets: bytes) -> bytes:
    return quote_from_bytes(octets, safe="").encode()


def _doubled() -> Iterator[Technique]:
    other = b'Content-Type: multipart/mixed; boundary="other"\r\n'
    good = b'Content-Type: multipart/mixed; boundary="%b"\r\n'
    html = b"Content-Type: text/html\r\n"
    for about, lines in (
        ("type-last", _PLAIN + good),
        ("type-first", good + _PLAIN),
        ("type-middle", html + good + _PLAIN),
        ("type-last-html", html + good),
        ("type-far-apart", good + b"X-A: 1\r\nX-B: 2\r\n" + b"Content-Type: application/pdf\r\n"),
        ("type-empty-first", b"Content-Type:\r\n" + good),
        ("type-message-last", good + b"Content-Type: message/rfc822\r\n"),
    ):
        yield Technique(1, about, Stage.STRUCTURE, _top(lines))
    for about, lines in (
        ("parameter-last", b'Content-Type: multipart/mixed; boundary="other"; boundary="%b"\r\n'),
        ("parameter-first", b'Content-Type: multipart/mixed; boundary="%b"; boundary="other"\r\n'),
        ("parameter-case", b'Content-Type: multipart/mixed; boundary="other"; BOUNDARY="%b"\r\n'),
        ("parameter-three", b"Content-Type: multipart/mixed; boundary=a; boundary=b; boundary=%b\r\n"),
        ("fields-last", other + good),
        ("fields-first", good + other),
        ("fields-three", other + good + other.replace(b"other", b"another")),
    ):
        yield Technique(2, about, Stage.STRUCTURE, _top(lines))

    def decoy(draft: Draft) -> Draft:
        inner = (
            b"--other\r\n"
            + NOTE
            + b"\r\n--"
            + draft.boundary
            + b"\r\n"
            + draft.part
            + b"\r\n--"
            + draft.boundary
            + b"--\r\n--other--\r\n"
        )
        return replace(
            draft, message=TOP + b"Content-Type: multipart/mixed; boundary=other; boundary=" + draft.boundary + b"\r\n\r\n" + inner
        )

    yield Technique(2, "both-boundaries-occur", Stage.STRUCTURE, decoy)


def _encoded() -> Iterator[Technique]:
    mark = b"=_a.b"
    for about, said in (
        ("extended", b"boundary*=us-ascii''" + _extended(mark)),
        ("extended-language", b"boundary*=us-ascii'en'" + _extended(mark)),
        ("extended-no-charset", b"boundary*=''" + _extended(mark)),
        ("sections", b'boundary*0="=_a"; boundary*1=".b"'),
        ("sections-reordered", b'boundary*1=".b"; boundary*0="=_a"'),
        ("sections-without-zero", b'boundary*1="=_a"; boundary*2=".b"'),
        ("sections-gap", b'boundary*0="=_a"; boundary*2=".b"'),
        ("sections-extended", b"boundary*0*=us-ascii''%3D_a; boundary*1*=%2Eb"),
        ("sections-mixed", b"boundary*0*=us-ascii''%3D_a; boundary*1=\".b\""),
        ("beside-plain", b"boundary=other; boundary*=us-ascii''" + _extended(mark)),
        ("before-plain", b'boundary*0="=_a"; boundary*1=".b"; boundary=other'),
        ("one-section", b'boundary*0="=_a.b"'),
        ("utf-16", b"boundary*=utf-16be''" + _extended(mark.decode().encode("utf-16-be"))),
        ("utf-16-bom", b"boundary*=utf-16''" + _extended(mark.decode().encode("utf-16"))),
        ("utf-7", b"boundary*=utf-7''" + _extended(b"+AD0AXw-a.b")),
        ("leading-zeros", b'boundary*00="=_a"; boundary*01=".b"'),
    ):
        yield Technique(3, about, Stage.STRUCTURE, _bounded_said(mark, said))
    word = b"=?us-ascii?Q?=3D=5Fa.b?="
    word64 = b"=?us-ascii?B?" + base64.b64encode(mark) + b"?="
    for about, said in (
        ("boundary-q", b'boundary="' + word + b'"'),
        ("boundary-b", b'boundary="' + word64 + b'"'),
        ("boundary-unquoted", b"boundary=" + word),
        ("boundary-two-words", b'boundary="=?us-ascii?Q?=3D=5F?= =?us-ascii?Q?a.b?="'),
    ):
        yield Technique(4, about, Stage.STRUCTURE, _bounded_said(mark, said))
    yield Technique(4, "boundary-literal", Stage.STRUCTURE, _bounded(word))


def _bounded_said(boundary: bytes, said: bytes) -> Step:
    def step(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE, draft.part), boundary, top=b"Content-Type: multipart/mixed; " + said + b"\r\n"))

    return step


def _odd_boundaries() -> Iterator[Technique]:
    for about, boundary, said in (
        ("spaces-within", b"a b  c", None),
        ("space-at-end", b"ab ", b'"ab "'),
        ("space-at-end-not-in-lines", b"ab", b'"ab "'),
        ("quotes-within", b'a"b', b'"a\\"b"'),
        ("escapes", b"ab", b'"a\\b"'),
        ("escapes-kept", b"a\\b", b'"a\\b"'),
        ("comment-after", b"ab", b"ab(comment)"),
        ("comment-after-quotes", b"ab", b'"ab" (comment)'),
        ("comment-before", b"ab", b'(comment)"ab"'),
        ("comment-within", b"a(x)b", b"a(x)b"),
        ("comment-unclosed", b"ab", b"ab (comment"),
        ("semicolon-within", b"a;b", None),
        ("semicolon-unquoted", b"a", b"a;b"),
        ("nul-within", b"a\0b", b"a\0b"),
        ("nul-ends-it", b"a", b'"a\0b"'),
        ("empty", b"", b'""'),
        ("missing-value", b"", b""),
        ("too-long", b"x" * 71, None),
        ("much-too-long", b"x" * 400, None),
        ("single-quotes", b"ab", b"'ab'"),
        ("single-quotes-kept", b"'ab'", b"'ab'"),
        ("unterminated", b"ab", b'"ab'),
        ("quote-at-end", b"ab", b'ab"'),
        ("text-behind-quotes", b"ab", b'"ab"cd'),
        ("text-behind-blank", b"ab", b"ab cd"),
        ("space-before-value", b"ab", b' "ab"'),
        ("tab-before-value", b"ab", b"\tab"),
        ("eight-bit", b"a\xe4b", None),
        ("utf-8", "aäb".encode(), None),
        ("equals", b"a=b", b"a=b"),
        ("special-unquoted", b"=_[a]:/b?", b"=_[a]:/b?"),
        ("ends-in-dashes", b"ab--", None),
        ("only-dashes", b"----", None),
        ("folded", b"ab", b'\r\n\t"ab"'),
        ("folded-within", b"a b", b'"a\r\n b"'),
        ("comma-after", b"ab", b'"ab",'),
        ("backslash-at-end", b"ab\\", b"ab\\"),
    ):
        yield Technique(5, about, Stage.STRUCTURE, _bounded(boundary, said))
    yield Technique(5, "space-before-equals", Stage.STRUCTURE, _top(b'Content-Type: multipart/mixed; boundary ="%b"\r\n'))
    yield Technique(5, "comment-before-equals", Stage.STRUCTURE, _top(b'Content-Type: multipart/mixed; boundary(x)="%b"\r\n'))

    def delimiter(after: bytes) -> Step:
        def step(draft: Draft) -> Draft:
            return replace(draft, message=structured_lines(draft, after))

        return step

    for about, after in (("blanks-behind-delimiter", b" \t "), ("nul-behind-delimiter", b"\0"), ("text-behind-delimiter", b" x")):
        yield Technique(5, about, Stage.STRUCTURE, delimiter(after))


def structured_lines(draft: Draft, after: bytes) -> bytes:
    """The honest message with something behind each of its delimiters."""
    mark = b"\r\n--" + draft.boundary
    return (
        TOP
        + _multipart(draft.boundary)
        + mark
        + after
        + b"\r\n"
        + NOTE
        + mark
        + after
        + b"\r\n"
        + draft.part
        + mark
        + b"--"
        + after
        + b"\r\n"
    )


def _reused() -> Iterator[Technique]:
    def inner_uses_outer(draft: Draft) -> Draft:
        mark = draft.boundary
        inner = _multipart(mark) + b"\r\n--" + mark + b"\r\n" + draft.part + b"\r\n--" + mark + b"--\r\n"
        return replace(draft, message=mixed((NOTE, inner), mark))

    def outer_end_inside(draft: Draft) -> Draft:
        inner = (
            _multipart(b"in")
            + b"\r\n--in\r\n"
            + NOTE
            + b"\r\n--"
            + draft.boundary
            + b"--\r\n--in\r\n"
            + draft.part
            + b"\r\n--in--\r\n"
        )
        # What is left open in it goes on to the end.
        wanted = replace(draft.wanted, whole=draft.wanted.whole and not draft.level)
        return replace(draft, message=mixed((inner,), draft.boundary), wanted=wanted)

    def inner_begins_with_outer(draft: Draft) -> Draft:
        mark = draft.boundary + b"x"
        inner = _multipart(mark) + b"\r\n--" + mark + b"\r\n" + draft.part + b"\r\n--" + mark + b"--\r\n"
        return replace(draft, message=mixed((NOTE, inner), draft.boundary))

    def outer_begins_with_inner(draft: Draft) -> Draft:
        mark = draft.boundary[:-1]
        inner = _multipart(mark) + b"\r\n--" + mark + b"\r\n" + draft.part + b"\r\n--" + mark + b"--\r\n"
        return replace(draft, message=mixed((NOTE, inner), draft.boundary))

    def in_header(draft: Draft) -> Draft:
        mark = b"--" + draft.boundary + b"\r\n"
        return replace(draft, message=mixed((b"Content-Type: text/plain\r\n" + mark + draft.part,), draft.boundary))

    def after_end(draft: Draft) -> Draft:
        mark = b"--" + draft.boundary
        return replace(
            draft, message=mixed((NOTE,), draft.boundary, epilogue=mark + b"\r\n" + draft.part + b"\r\n" + mark + b"--\r\n")
        )

    def outer_delimiter_in_inner(draft: Draft) -> Draft:
        inner = _multipart(b"in") + b"\r\n--in\r\n" + NOTE + b"\r\n--" + draft.boundary + b"\r\n" + draft.part + b"\r\n--in--\r\n"
        return replace(draft, message=mixed((inner,), draft.boundary))

    def no_blank_before_first(draft: Draft) -> Draft:
        mark = b"--" + draft.boundary
        return replace(draft, message=TOP + _multipart(draft.boundary) + mark + b"\r\n" + draft.part + b"\r\n" + mark + b"--\r\n")

    for about, step in (
        ("inner-uses-outer", inner_uses_outer),
        ("outer-end-inside", outer_end_inside),
        ("inner-begins-with-outer", inner_begins_with_outer),
        ("outer-begins-with-inner", outer_begins_with_inner),
        ("boundary-in-header", in_header),
        ("part-after-end", after_end),
        ("outer-delimiter-in-inner", _loosened(outer_delimiter_in_inner)),
        ("no-blank-before-first", no_blank_before_first),
    ):
        yield Technique(6, about, Stage.STRUCTURE, step)


def _no_multipart() -> Iterator[Technique]:
    for about, lines in (
        ("no-parameter", b"Content-Type: multipart/mixed\r\n"),
        ("comment-within", b'Content-Type: mul(c)tipart/mixed; boundary="%b"\r\n'),
        ("quoted", b'Content-Type: "multipart/mixed"; boundary="%b"\r\n'),
        ("quoted-half", b'Content-Type: "multipart"/mixed; boundary="%b"\r\n'),
        ("comment-first", b'Content-Type: (c) multipart/mixed; boundary="%b"\r\n'),
        ("misspelt", b'Content-Type: mulipart/mixed; boundary="%b"\r\n'),
        ("misspelt-no-parameter", b"Content-Type: mulipart/mixed\r\n"),
        ("x-multi", b'Content-Type: x_multi/mixed; boundary="%b"\r\n'),
        ("no-subtype", b'Content-Type: multipart; boundary="%b"\r\n'),
        ("empty-subtype", b'Content-Type: multipart/; boundary="%b"\r\n'),
        ("blanks", b'Content-Type: multipart / mixed ; boundary="%b"\r\n'),
        ("no-semicolon", b'Content-Type: multipart/mixed boundary="%b"\r\n'),
        ("comma", b'Content-Type: multipart/mixed, boundary="%b"\r\n'),
        ("two-semicolons", b'Content-Type: multipart/mixed;; boundary="%b"\r\n'),
        ("value-missing", b'Content-Type: ; boundary="%b"\r\n'),
        ("only-parameter", b'Content-Type: boundary="%b"\r\n'),
        ("field-missing", b""),
        ("text-plain", _PLAIN),
        ("text-html", b"Content-Type: text/html\r\n"),
        ("text-with-parameter", b'Content-Type: text/plain; boundary="%b"\r\n'),
        ("other-parameter", b'Content-Type: multipart/mixed; boundary="other"\r\n'),
        ("encoded-word", b'Content-Type: =?us-ascii?Q?multipart/mixed?=; boundary="%b"\r\n'),
        ("upper-case", b'CONTENT-TYPE: MULTIPART/MIXED; BOUNDARY="%b"\r\n'),
        ("unknown-subtype", b'Content-Type: multipart/x-none; boundary="%b"\r\n'),
        ("application", b"Content-Type: application/octet-stream\r\n"),
    ):
        yield Technique(7, about, Stage.STRUCTURE, _top(lines))


def _ends() -> Iterator[Technique]:
    def cut(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE, draft.part), draft.boundary, end=b""))

    def half_delimiter(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE, draft.part), draft.boundary, end=b"\r\n--" + draft.boundary[:-1]))

    def closed_as_open(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE, draft.part), draft.boundary, end=b"\r\n--" + draft.boundary + b"\r\n"))

    def nested_cut(draft: Draft) -> Draft:
        inner = _multipart(b"in") + b"\r\n--in\r\n" + draft.part
        return replace(draft, message=mixed((NOTE, inner), draft.boundary))

    for about, step in (
        ("cut", cut),
        ("half-delimiter", _loosened(half_delimiter)),
        ("ends-with-open-delimiter", closed_as_open),
        ("inner-not-ended", nested_cut),
    ):
        yield Technique(8, about, Stage.STRUCTURE, step)


def _outside() -> Iterator[Technique]:
    def preamble(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE,), draft.boundary, preamble=draft.part))

    def epilogue(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE,), draft.boundary, epilogue=draft.part))

    def nameless(draft: Draft) -> Draft:
        return replace(draft, wanted=replace(draft.wanted, name=None, extension=None))

    def preamble_base64(draft: Draft) -> Draft:
        return nameless(replace(draft, message=mixed((NOTE,), draft.boundary, preamble=draft.body)))

    def epilogue_base64(draft: Draft) -> Draft:
        return nameless(replace(draft, message=mixed((NOTE,), draft.boundary, epilogue=draft.body)))

    def preamble_uu(draft: Draft) -> Draft:
        block = b"begin 644 " + draft.name.encode() + b"\r\n" + uu(draft.octets) + b"`\r\nend\r\n"
        return replace(draft, message=mixed((NOTE,), draft.boundary, preamble=block))

    def epilogue_uu(draft: Draft) -> Draft:
        block = b"begin 644 " + draft.name.encode() + b"\r\n" + uu(draft.octets) + b"`\r\nend\r\n"
        return replace(draft, message=mixed((NOTE,), draft.boundary, epilogue=block))

    def inner_epilogue(draft: Draft) -> Draft:
        inner = _multipart(b"in") + b"\r\n--in\r\n" + NOTE + b"\r\n--in--\r\n" + draft.part
        return replace(draft, message=mixed((inner,), draft.boundary))

    all_before = frozenset((Stage.NAME, Stage.TRANSFER, Stage.HEADER))
    yield Technique(9, "preamble-fields", Stage.STRUCTURE, preamble)
    yield Technique(9, "epilogue-fields", Stage.STRUCTURE, epilogue)
    yield Technique(9, "inner-epilogue-fields", Stage.STRUCTURE, inner_epilogue)
    only_base64 = (Carrier.BASE64,)
    yield Technique(9, "preamble-base64", Stage.STRUCTURE, preamble_base64, carriers=only_base64, without=all_before)
    yield Technique(9, "epilogue-base64", Stage.STRUCTURE, epilogue_base64, carriers=only_base64, without=all_before)
    yield Technique(9, "preamble-uuencoded", Stage.STRUCTURE, preamble_uu, without=all_before)
    yield Technique(9, "epilogue-uuencoded", Stage.STRUCTURE, epilogue_uu, without=all_before)


def _nested() -> Iterator[Technique]:
    for kind in (b"related", b"alternative", b"parallel", b"digest", b"report", b"form-data", b"signed"):
        yield Technique(27, f"in-{kind.decode()}", Stage.STRUCTURE, _top(b'Content-Type: multipart/%s; boundary="%%b"\r\n' % kind))

    def only_leaf(draft: Draft) -> Draft:
        return replace(draft, message=TOP + draft.part)

    def first(draft: Draft) -> Draft:
        return replace(draft, message=mixed((draft.part, NOTE), draft.boundary))

    def related_in_alternative(draft: Draft) -> Draft:
        inner = (
            _multipart(b"in", b"related")
            + b"\r\n--in\r\nContent-Type: text/html\r\n\r\n<img src=cid:x>\r\n--in\r\n"
            + draft.part
            + b"\r\n--in--\r\n"
        )
        return replace(draft, message=mixed((NOTE, inner), draft.boundary, top=_multipart(draft.boundary, b"alternative")))

    yield Technique(27, "whole-message-is-the-file", Stage.STRUCTURE, only_leaf)
    yield Technique(27, "first-part", Stage.STRUCTURE, first)
    yield Technique(27, "related-in-alternative", Stage.STRUCTURE, related_in_alternative)

    def message(head: bytes, *, encoded: bool = False, alone: bool = False) -> Step:
        def step(draft: Draft) -> Draft:
            inner = mixed((NOTE, draft.part), b"CC%d" % draft.level)
            part = head + b"\r\n" + inner
            if encoded:
                part = head + b"Content-Transfer-Encoding: " + says(draft.carrier) + b"\r\n\r\n" + coded(inner, draft.carrier)
            return replace(draft, message=TOP + part if alone else mixed((NOTE, part), draft.boundary))

        return step

    for about, head in (
        ("rfc822", b"Content-Type: message/rfc822\r\n"),
        ("global", b"Content-Type: message/global\r\n"),
        ("news", b"Content-Type: message/news\r\n"),
        ("upper-case", b"Content-Type: MESSAGE/RFC822\r\n"),
        ("inline", b"Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n"),
        ("type-twice", b"Content-Type: text/plain\r\nContent-Type: message/rfc822\r\n"),
        ("with-boundary", b"Content-Type: message/rfc822; boundary=other\r\n"),
        ("with-inner-boundary", b"Content-Type: message/rfc822; boundary=CC0\r\n"),
    ):
        yield Technique(28, about, Stage.STRUCTURE, message(head))
    yield Technique(28, "rfc822-encoded", Stage.STRUCTURE, message(b"Content-Type: message/rfc822\r\n", encoded=True))
    yield Technique(28, "global-encoded", Stage.STRUCTURE, message(b"Content-Type: message/global\r\n", encoded=True))
    yield Technique(
        28, "eml-by-name", Stage.STRUCTURE, message(b"Content-Type: application/octet-stream; name=a.eml\r\n", encoded=True)
    )
    yield Technique(28, "whole-message-is-rfc822", Stage.STRUCTURE, message(b"Content-Type: message/rfc822\r\n", alone=True))
    partial = b"Content-Type: message/partial; id=x; number=1; total=1\r\n"
    yield Technique(28, "partial", Stage.STRUCTURE, message(partial, alone=True), hold=True)
    yield Technique(28, "partial-within", Stage.STRUCTURE, message(partial), hold=True)
    external = b'Content-Type: message/external-body; access-type=URL; URL="http://example.org/evil.exe"\r\n'
    yield Technique(28, "external-body", Stage.STRUCTURE, message(external), hold=True)

    def deep(levels: int, messages: bool) -> Step:
        def step(draft: Draft) -> Draft:
            inner = draft.part
            for level in range(levels):
                mark = b"L%d" % level
                inner = _multipart(mark) + b"\r\n--" + mark + b"\r\n" + inner + b"\r\n--" + mark + b"--\r\n"
                if messages:
                    inner = b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" + inner
            return replace(draft, message=TOP + inner)

        return step

    yield Technique(28, "multiparts-20-deep", Stage.STRUCTURE, deep(20, messages=False), alone=True)
    yield Technique(28, "messages-10-deep", Stage.STRUCTURE, deep(10, messages=True), alone=True)
    yield Technique(38, "multiparts-200-deep", Stage.STRUCTURE, deep(200, messages=False), hold=True, alone=True)
    yield Technique(38, "messages-100-deep", Stage.STRUCTURE, deep(100, messages=True), hold=True, alone=True)

    def container_encoded(draft: Draft) -> Draft:
        inner = mixed((NOTE, draft.part), draft.boundary).partition(b"\r\n\r\n")[2]
        said = b"Content-Transfer-Encoding: " + says(draft.carrier) + b"\r\n"
        return replace(draft, message=TOP + _multipart(draft.boundary) + said + b"\r\n" + coded(inner, draft.carrier))

    def inner_container_encoded(draft: Draft) -> Draft:
        inner = b"\r\n--in\r\n" + draft.part + b"\r\n--in--\r\n"
        part = _multipart(b"in") + b"Content-Transfer-Encoding: " + says(draft.carrier) + b"\r\n\r\n" + coded(inner, draft.carrier)
        return replace(draft, message=mixed((NOTE, part), draft.boundary))

    def container_not_encoded(draft: Draft) -> Draft:
        said = b"Content-Transfer-Encoding: " + says(draft.carrier) + b"\r\n"
        return replace(draft, message=mixed((NOTE, draft.part), draft.boundary, top=_multipart(draft.boundary) + said))

    yield Technique(29, "container-encoded", Stage.STRUCTURE, container_encoded)
    yield Technique(29, "inner-container-encoded", Stage.STRUCTURE, inner_container_encoded)
    yield Technique(29, "says-encoded-is-not", Stage.STRUCTURE, container_not_encoded)


def _many() -> Iterator[Technique]:
    def parts(count: int) -> Step:
        def step(draft: Draft) -> Draft:
            return replace(draft, message=mixed((*[b"\r\nx"] * count, draft.part), draft.boundary))

        return step

    def fields(count: int) -> Step:
        def step(draft: Draft) -> Draft:
            return replace(
                draft, message=b"".join(b"X-%d: x\r\n" % n for n in range(count)) + mixed((NOTE, draft.part), draft.boundary)
            )

        return step

    def long_field(size: int) -> Step:
        def step(draft: Draft) -> Draft:
            return replace(draft, message=b"X-A: " + b"a" * size + b"\r\n" + mixed((NOTE, draft.part), draft.boundary))

        return step

    def long_type(size: int) -> Step:
        def step(draft: Draft) -> Draft:
            padding = b"x=" + b"a" * size + b"; "
            return replace(
                draft,
                message=mixed(
                    (NOTE, draft.part),
                    draft.boundary,
                    top=b"Content-Type: multipart/mixed; " + padding + b"boundary=" + draft.boundary + b"\r\n",
                ),
            )

        return step

    yield Technique(38, "500-parts", Stage.STRUCTURE, parts(500), alone=True)
    yield Technique(38, "5000-parts", Stage.STRUCTURE, parts(5_000), hold=True, alone=True)
    yield Technique(38, "500-fields", Stage.STRUCTURE, fields(500), alone=True)
    yield Technique(38, "10000-fields", Stage.STRUCTURE, fields(10_000), hold=True, alone=True)
    yield Technique(38, "31-kb-field", Stage.STRUCTURE, long_field(31_000), alone=True)
    yield Technique(38, "100-kb-field", Stage.STRUCTURE, long_field(100_000), hold=True, alone=True)
    yield Technique(38, "300-kb-field", Stage.STRUCTURE, long_field(300_000), hold=True, alone=True)
    yield Technique(38, "31-kb-content-type", Stage.STRUCTURE, long_type(31_000), alone=True)
    yield Technique(38, "100-kb-content-type", Stage.STRUCTURE, long_type(100_000), hold=True, alone=True)


def _loosened(step: Step) -> Step:
    """Some line ends or delimiters stay with the octets."""
    return lambda draft: step(replace(draft, wanted=replace(draft.wanted, whole=False)))


def _whole(old: bytes, new: bytes, *, once: bool = False, head: bool = False) -> Step:
    def step(draft: Draft) -> Draft:
        octets = draft.message
        if head:
            top, blank, rest = octets.partition(b"\r\n\r\n")
            return replace(draft, message=top.replace(old, new) + blank + rest)
        return replace(draft, message=octets.replace(old, new, 1) if once else octets.replace(old, new))

    return step


def _line_ends() -> Iterator[Technique]:
    for about, new in (
        ("lf", b"\n"),
        ("cr", b"\r"),
        ("lfcr", b"\n\r"),
        ("crcrlf", b"\r\r\n"),
        ("crlfcr", b"\r\n\r"),
        ("nul-crlf", b"\0\r\n"),
    ):
        yield Technique(20, f"all-{about}", Stage.WHOLE, _whole(b"\r\n", new), hold=True)
        if about != "crlfcr":
            yield Technique(20, f"top-fields-{about}", Stage.WHOLE, _whole(b"\r\n", new, head=True), hold=True)
    for about, new in (
        ("cr-cr", b"\r\r"),
        ("lf-lf", b"\n\n"),
        ("crlf-lf", b"\r\n\n"),
        ("lf-crlf", b"\n\r\n"),
        ("blank-line", b"\r\n \r\n"),
        ("tab-line", b"\r\n\t\r\n"),
        ("nul-line", b"\r\n\0\r\n"),
        ("crlf-cr-crlf", b"\r\n\r\r\n"),
        ("lf-cr-lf", b"\n\r\n\r\n"),
        ("vt-line", b"\r\n\x0b\r\n"),
    ):
        # What is one line end too many stands before the octets, where they are not base64.
        carriers = (Carrier.BASE64,) if about == "lf-cr-lf" else (Carrier.BASE64, Carrier.QUOTED)
        border = _whole(b"\r\n\r\n", new, once=True)
        yield Technique(20, f"border-{about}", Stage.WHOLE, border, hold=True, carriers=carriers)
        whole = _loosened(_whole(b"\r\n\r\n", new))
        yield Technique(20, f"all-borders-{about}", Stage.WHOLE, whole, hold=True, carriers=carriers)


def _before() -> Iterator[Technique]:
    for about, octets in (
        ("bom", b"\xef\xbb\xbf"),
        ("blank-line", b"\r\n"),
        ("blank-lines", b"\r\n\r\n\r\n"),
        ("blanks", b"  \r\n"),
        ("from-line", b"From a@b.example Mon Jan  1 00:00:00 2024\r\n"),
        ("quoted-from-line", b">From a@b.example Mon Jan  1 00:00:00 2024\r\n"),
        ("bom-and-blank-line", b"\xef\xbb\xbf\r\n"),
        ("some-fields-then-blank", b"X-First: 1\r\n\r\n"),
        ("junk-line", b"hello there\r\n"),
        ("utf-16-bom", b"\xff\xfe"),
    ):

        def step(draft: Draft, octets: bytes = octets) -> Draft:
            return replace(draft, message=octets + draft.message)

        yield Technique(39, about, Stage.WHOLE, step)

    def in_part(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE, b"\r\n" + draft.part), draft.boundary))

    def two_blanks_in_part(draft: Draft) -> Draft:
        return replace(draft, message=mixed((NOTE, b"\r\n\r\n" + draft.part), draft.boundary))

    yield Technique(39, "blank-line-in-part", Stage.STRUCTURE, in_part)
    yield Technique(39, "blank-lines-in-part", Stage.STRUCTURE, two_blanks_in_part)


def techniques() -> tuple[Technique, ...]:
    """All of this file."""
    groups = (_doubled, _encoded, _odd_boundaries, _reused, _no_multipart, _ends, _outside, _nested, _many, _line_ends, _before)
    return tuple(technique for group in groups for technique in group())
