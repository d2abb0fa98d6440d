"""What acts in bodies: alone it is a fact; with a doubt whether readers see it, the shipped safety rules hold the mail."""

import base64

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import mixed

from screener.anatomy.active import Active
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

DATA = b'{"@context": "http://schema.org", "@type": "Order", "url": "https://shop.example/1"}</script><p>Thanks</p>'
HEAD = b"From: a@example.net\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
HTML = b"Content-Type: text/html\r\n"
TWO_TYPES = b"Content-Type: text/plain\r\n" + HTML
SMUGGLES = (
    b'<p>hi<script>a=document.createElement("a");a.download="x.exe";a.href=URL.createObjectURL(new Blob([atob("TVqQ")]))</script>'
)
LOADS = b'<body onload="go()">hi</body>'
CALLS = b'<a href="java&#10;script:go()">hi</a>'
PLAIN = b"<body>hi, <b>all</b> on monday = 3</body>"
DAMAGED = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"<p>hi </p>") + b"==\r\n" + base64.b64encode(SMUGGLES)
INSIDE = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + TWO_TYPES + b"\r\n" + LOADS
MIXED = b"Content-Type: multipart/mixed; boundary=A; boundary=B\r\n\r\n--A\r\n" + HTML + b"\r\n" + LOADS + b"\r\n--A--\r\n--B--\r\n"
AMBIGUOUS = {
    "two types, smuggling": (TWO_TYPES + b"\r\n" + SMUGGLES, {Active.SCRIPT, Active.SMUGGLED_FILE}),
    "two types, event": (TWO_TYPES + b"\r\n" + LOADS, {Active.EVENT}),
    "two types, address": (TWO_TYPES + b"\r\n" + CALLS, {Active.SCRIPT_ADDRESS}),
    "two types, in UTF-7": (
        b"Content-Type: text/plain\r\nContent-Type: text/html; charset=utf-7\r\n\r\n+ADw-script+AD4-go()",
        {Active.SCRIPT},
    ),
    "a blank before the colon": (b"Content-Type : text/html\r\n\r\n" + LOADS, {Active.EVENT}),
    "a line that is no field": (b"junk line\r\n" + HTML + b"\r\n" + LOADS, {Active.EVENT}),
    "a misspelt encoding": (
        HTML + b'Content-Transfer-Encoding: "base64"x\r\n\r\n' + base64.encodebytes(SMUGGLES),
        {Active.SCRIPT, Active.SMUGGLED_FILE},
    ),
    "damaged base64": (HTML + DAMAGED, {Active.SCRIPT, Active.SMUGGLED_FILE}),
    "two boundaries": (MIXED, {Active.EVENT}),
    "another charset": (
        HTML[:-2] + b"; charset=utf-8\r\n\r\n" + SMUGGLES.decode().encode("utf-16"),
        {Active.SCRIPT, Active.SMUGGLED_FILE},
    ),
    "a charset nobody knows": (HTML[:-2] + b"; charset=x-klingon\r\n\r\n" + LOADS + b"\xe4", {Active.EVENT}),
    "in a message in it": (INSIDE, {Active.EVENT}),
}


@pytest.mark.parametrize(("rest", "kinds"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_acts_in_a_body_for_some_readers_is_held(rest: bytes, kinds: set[Active]) -> None:
    content = HEAD + rest
    assert {found.kind for found in Anatomy(content).active_bodies} == kinds
    verdict = screened(safety(), content).verdicts[0]
    assert (verdict.action, verdict.rule) == (Action.HOLD, "ambiguous-pages"), Anatomy(content).all_defects()


@pytest.mark.parametrize("body", [SMUGGLES, LOADS, CALLS])
def test_what_acts_in_a_body_for_all_readers_is_a_fact(body: bytes) -> None:
    content = HEAD + HTML + b"\r\n" + body
    assert Anatomy(content).active_bodies
    assert screened(safety(), content).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize("rest", [TWO_TYPES + b"\r\n" + PLAIN, b"Content-Type: text/plain\r\nX : y\r\n\r\n" + SMUGGLES])
def test_ambiguous_bodies_in_which_nothing_acts_pass(rest: bytes) -> None:
    assert Anatomy(HEAD + rest).active_bodies == ()
    assert screened(safety(), HEAD + rest).verdicts[0].action is Action.FORWARD


@pytest.mark.parametrize(
    "tag",
    [
        b'<script type="application/ld+json">',
        b"<script type='application/ld+json'>",
        b"<script\r\n type=application/ld+json >",
        b'<script type="application/json" id="order" data-x="1" class="a">',
    ],
)
def test_a_script_that_is_data_does_not_act(tag: bytes) -> None:
    assert Anatomy(HEAD + HTML + b"\r\n" + tag + DATA).active_bodies == ()
    page = mixed(b"Content-Type: text/html; name=a.html\r\nContent-Disposition: attachment\r\n\r\n" + tag + DATA)
    assert [one.active_content for one in Anatomy(page).attachments] == [()]


@pytest.mark.parametrize(
    "tag",
    [
        b"<script>",
        b'<script type="">',
        b'<script type="module">',
        b'<script type="text/javascript" type="application/ld+json">',
        b'<script type="application/ld+json" type="text/javascript">',  # a data block; but let nobody rely on the first
        b'<script &#116;ype="application/ld+json">',
        b'<script ty\0pe="application/ld+json">',
        b'<script ty\x1b(Bpe="application/ld+json">',
        b'<script x="a" type="application/ld+json">',
        b'<script src="a.js" type="application/ld+json">',
        b'<script type="application/ld+json" src="a.js">',
        b'<script type="application/ld+json&#34; type=&#34;text/javascript">',
        b'<script type="application/ld+jsonx">',
        b'<script type="application/ld+json" id="&quot;" >',
        b'<svg:script type="application/ld+json">',
        b'<script type="application/ld+json">{}</script><script>',
    ],
)
def test_any_other_script_counts(tag: bytes) -> None:
    assert [one.kind for one in Anatomy(HEAD + HTML + b"\r\n" + tag + DATA).active_bodies] == [Active.SCRIPT]
