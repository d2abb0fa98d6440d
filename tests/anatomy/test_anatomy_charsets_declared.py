"""Charsets that a sender declares and in which the octets are not: what readers show that detect them is read, too."""

import base64
import random

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached

from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy, ForeignParserNeeded

# A text as people write it, and a word of it.
_TEXTS = {
    "koi8-r": ("Уважаемые дамы и господа, в саду поёт соловей, и мы надеемся, что вы скоро вернётесь к нам.", "соловей"),
    "cp1251": ("Уважаемые дамы и господа, в саду поёт соловей, и мы надеемся, что вы скоро вернётесь к нам.", "соловей"),
    "iso8859-5": ("Уважаемые дамы и господа, в саду поёт соловей, и мы надеемся, что вы скоро вернётесь к нам.", "соловей"),
    "cp866": ("Уважаемые дамы и господа, в саду поёт соловей, и мы надеемся, что вы скоро вернётесь к нам.", "соловей"),
    "iso8859-7": ("Αγαπητοί κύριοι, το αηδόνι τραγουδά στον κήπο κάθε βράδυ και ελπίζουμε να έρθετε.", "αηδόνι"),
    "cp1256": ("السيدات والسادة، العندليب يغني في الحديقة كل مساء", "العندليب"),
    "shift_jis": ("お世話になっております。庭でナイチンゲールが鳴いています。", "ナイチンゲール"),
    "euc_jp": ("お世話になっております。庭でナイチンゲールが鳴いています。", "ナイチンゲール"),
    "gb18030": ("尊敬的先生们，花园里歌唱，我们希望您很快回来。", "花园里歌唱"),
    "big5": ("尊敬的先生們,我們希望您很快回來,花園很美麗。", "花園很美麗"),
}
_DECLARED = ("us-ascii", "iso-8859-1", "windows-1252", "ANSI_X3.4-1968")


def _body(octets: bytes, kind: str, charset: str) -> Anatomy:
    head = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
    return Anatomy(head + f"Content-Type: {kind}; charset={charset}\r\n\r\n".encode() + octets + b"\r\n")


@pytest.mark.parametrize("declared", _DECLARED)
@pytest.mark.parametrize("codec", _TEXTS)
def test_a_body_is_read_in_what_its_octets_are_in(codec: str, declared: str) -> None:
    text, word = _TEXTS[codec]
    assert any(word in one.text for one in _body(text.encode(codec), "text/plain", declared).texts)


@pytest.mark.parametrize("codec", _TEXTS)
def test_a_few_words_among_markup_and_another_language(codec: str) -> None:
    text, word = _TEXTS[codec]
    line = b'<p style="margin:0">Dear customer, please see what follows</p>\r\n'
    page = line * 30 + b"<p>" + text.encode(codec) + b"</p>"
    for charset in ("iso-8859-1", "us-ascii"):
        assert any(word in one.text for one in _body(page, "text/html", charset).texts), charset


_HEBREW = "שלום חברים יקרים מה שלומכם היום ".encode("cp1255")
_ODD = b"\x81\x82\x83\x84 "


@pytest.mark.parametrize(
    "decoy", [_HEBREW * 160, _ODD * 900, "ÀÉÈÙÇÂÊ ".encode("latin-1") * 600], ids=["Hebrew", "odd", "capitals"]
)
@pytest.mark.parametrize("codec", _TEXTS)
def test_a_text_of_which_most_seems_to_be_in_another_charset(codec: str, decoy: bytes) -> None:
    """Programs that find nothing out show it in the charset of their system."""
    text, word = _TEXTS[codec]
    page = b"<div style='display:none'>" + decoy + b"</div><p>" + text.encode(codec) + b"</p>"
    for charset in ("us-ascii", "windows-1252"):
        assert any(word in one.text for one in _body(page, "text/html", charset).texts), charset


def test_two_charsets_of_the_same_letters() -> None:
    text, word = _TEXTS["koi8-r"]
    found = [one for one in _body(text.encode("koi8-r"), "text/plain", "windows-1251").texts if word in one.text]
    assert found and "koi8-r" in found[0].view


@pytest.mark.parametrize("coding", ["q", "b"])
def test_encoded_words_of_a_subject(coding: str) -> None:
    for codec, (text, word) in _TEXTS.items():
        octets = text.encode(codec)
        written = base64.b64encode(octets) if coding == "b" else b"".join(b"=%02X" % one for one in octets)
        head = b"From: a@example.net\r\nSubject: =?us-ascii?%s?%s?=\r\n\r\n" % (coding.encode(), written)
        assert any(word in subject for subject in Anatomy(head + b"text\r\n").subjects), codec


def test_octets_beyond_ascii_are_none_of_it() -> None:
    found = {one.defect for one in _body(b"na\xefve", "text/plain", "us-ascii").all_defects()}
    assert found == {Defect.WRONG_CHARSET}
    assert not _body(b"na\xefve", "text/plain", "iso-8859-1").all_defects()


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        (
            "cp1252",
            "Sehr geehrte Damen und Herren, für die schönen Grüße danken wir Ihnen. « Là-bas » \xa0\xa0\xa0\xa0 – ende…",
        ),
        ("iso8859-15", "Où êtes-vous, chère amie ? Cent € de plus, à bientôt, ça dépend de l'été."),
        ("cp1250", "Vážení pánové, slavík zpívá každý večer v zahradě, příliš žluťoučký kůň"),
    ],
)
def test_honest_texts_in_latin_letters_are_read_once(codec: str, text: str) -> None:
    shown = [one.text.strip() for one in _body(text.encode(codec), "text/plain", codec).texts]
    assert shown == [text]


_NOISE = bytes(random.Random(1).choices(range(0xA1, 0x100), k=400))


def _many_parts(count: int) -> bytes:
    head = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    part = b"--b\r\nContent-Type: text/plain; charset=us-ascii; charset=iso-8859-1\r\n\r\n%d %b\r\n"
    return head + b"".join(part % (number, _NOISE) for number in range(count)) + b"--b--\r\n"


def test_the_service_finds_out_few_charsets_itself() -> None:
    """Each takes a millisecond."""
    few, many = _many_parts(3), _many_parts(30)
    assert Anatomy(few, foreign=False).texts
    with pytest.raises(ForeignParserNeeded):
        _ = Anatomy(many, foreign=False).texts
    with pytest.raises(ForeignParserNeeded):
        _ = Anatomy(b"\r\n" + _NOISE * 25, foreign=False).texts
    words = b"".join(b"Subject: =?us-ascii?B?%b?=\r\n" % base64.b64encode(_NOISE[at : at + 20]) for at in range(30))
    with pytest.raises(ForeignParserNeeded):
        _ = Anatomy(words + b"\r\n", foreign=False).subjects


def test_beyond_a_number_no_charset_is_found_out_and_that_is_said() -> None:
    def truncated(count: int) -> bool:
        return Defect.TEXT_TRUNCATED in {one.defect for one in Anatomy(_many_parts(count)).all_defects()}

    assert not truncated(490)
    assert truncated(510)


@pytest.mark.parametrize("codec", _TEXTS)
def test_texts_behind_those_whose_charsets_are_found_out_are_read_in_the_common_ones(codec: str) -> None:
    text, word = _TEXTS[codec]
    octets = text.encode(codec)
    part = b"--b\r\nContent-Type: text/plain\r\n\r\n"
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    decoys = b"".join(part + b"\xe4\xf6\xfc\xdf%d\r\n" % number for number in range(520))
    assert any(word in one.text for one in Anatomy(head + decoys + part + octets + b"\r\n--b--\r\n").texts)
    files = [(f"{number}.txt", b"\xe4\xf6\xfc\xdf%d" % number) for number in range(520)]
    packed = Anatomy(attached(zipped(*files, ("z.txt", octets)), "a.zip"))
    assert any(word in one.text for one in packed.attachment_texts)
    subjects = b"".join(b"Subject: =?us-ascii?B?%b?=\r\n" % base64.b64encode(_NOISE[at:]) for at in range(260))
    found = Anatomy(subjects * 2 + b"Subject: =?us-ascii?B?%b?=\r\n\r\n" % base64.b64encode(octets)).subjects
    assert any(word in one for one in found)
