"""Charsets that a sender declares and in which the octets are not: what readers show that detect them is read, too."""

import base64
import codecs
import random

import pytest
from fakes.evasions.containers import zipped
from fakes.odd_mail import attached

from screener.anatomy import charset_names, charsets
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.text import normalise, without_strays

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


# Every label of WHATWG Encoding 4.2 but those of what it replaces.
_LABELS = (
    "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 866 cp866 csibm866 ibm866 csisolatin2 "
    "iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2 csisolatin3 iso-8859-3 "
    "csisolatin4 iso-8859-4 csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5:1988 "
    "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i "
    "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 sun_eu_greek csiso88598e csisolatinhebrew hebrew "
    "iso-8859-8 iso-8859-8-e visual csiso88598i iso-8859-8-i logical csisolatin6 iso-8859-10 l6 latin6 iso-8859-13 "
    "iso-8859-14 csisolatin9 iso-8859-15 l9 iso-8859-16 cskoi8r koi koi8 koi8-r koi8_r koi8-ru koi8-u csmacintosh "
    "mac macintosh x-mac-roman dos-874 iso-8859-11 iso8859-11 tis-620 windows-874 cp1250 windows-1250 x-cp1250 "
    "windows-1251 x-cp1251 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 l1 latin1 us-ascii "
    "windows-1252 x-cp1252 cp1253 windows-1253 cp1254 csisolatin5 iso-8859-9 l5 latin5 windows-1254 windows-1255 "
    "windows-1256 windows-1257 windows-1258 x-mac-cyrillic x-mac-ukrainian chinese csgb2312 csiso58gb231280 gb2312 "
    "gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030 hz-gb-2312 big5 big5-hkscs cn-big5 csbig5 x-x-big5 "
    "cseucpkdfmtjapanese euc-jp x-euc-jp csiso2022jp iso-2022-jp csshiftjis ms932 ms_kanji shift-jis shift_jis sjis "
    "windows-31j x-sjis cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 "
    "ksc_5601 windows-949 iso-2022-kr unicodefffe utf-16be csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff "
    "utf-16 utf-16le x-user-defined"
)
# Of Windows' code pages, as .NET calls them.
_PAGES = (
    "asmo-708 dos-720 dos-862 ibm437 ibm737 ibm775 ibm850 ibm852 ibm855 ibm857 ibm00858 ibm860 ibm861 ibm863 ibm864 "
    "ibm865 ibm869 x-cp20936 x-cp20949 johab x-mac-japanese x-mac-arabic x-mac-greek x-mac-turkish x-mac-ce "
    "x-mac-croatian x-mac-icelandic x-mac-korean x-mac-chinesesimp euc-cn windows-936 windows-932 windows-950 cp936 "
    "cp950 ms936 hz"
)


def test_every_name_that_browsers_and_windows_know_of_a_charset() -> None:
    assert [label for label in f"{_LABELS} {_PAGES}".split() if not charset_names.codec(label)] == []
    for label in f"{_LABELS} {_PAGES}".split():
        codecs.lookup(charset_names.codec(label))


@pytest.mark.parametrize(
    ("label", "codec", "word"),
    [
        ("koi8-u", "koi8_u", "їжак"),
        ("windows-31j", "cp932", "ナイチンゲール"),
        ("gb_2312-80", "gb2312", "夜莺唱歌"),
        ("ks_c_5601-1989", "cp949", "밤꾀꼬리가"),
        ("iso88592", "iso8859_2", "žluťoučký"),
        ("x-mac-ce", "mac_latin2", "žluťoučký"),
        ("iso-8859-6-i", "iso8859_6", "عندليب"),
        ("dos-862", "cp862", "זמיר"),
    ],
)
def test_such_a_name_says_what_a_text_and_a_subject_are(label: str, codec: str, word: str) -> None:
    octets = word.encode(codec)
    anatomy = _body(octets, "text/plain", label)
    assert word in anatomy.texts[0].text
    assert Defect.UNKNOWN_CHARSET not in {one.defect for one in anatomy.all_defects()}
    assert word in Anatomy(b"Subject: =?%b?B?%b?=\r\n\r\n" % (label.encode(), base64.b64encode(octets))).subject


@pytest.mark.parametrize("codec", ["koi8-r", "cp1251", "cp866", "shift_jis", "gb18030"])
def test_a_subject_that_tells_nothing_or_a_lie_of_its_charset(codec: str) -> None:
    text, word = _TEXTS[codec]
    octets = text.encode(codec)
    for label in (b"x-unknown", b"default", b"utf-8"):
        assert any(word in one for one in Anatomy(b"Subject: =?%b?B?%b?=\r\n\r\n" % (label, base64.b64encode(octets))).subjects)
    assert any(word in one for one in Anatomy(b"Subject: " + octets + b"\r\n\r\n").subjects)


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


def test_a_picture_that_is_called_a_text_is_read_in_few_charsets() -> None:
    picture = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random.Random(1).randbytes(5_000)
    assert len(_body(picture, "text/plain", "us-ascii").texts) < 5


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
    texts = _body(text.encode(codec), "text/plain", codec).texts
    assert [one.text.strip() for one in texts if not one.view] == [text]
    others = {one.view for one in texts if one.view}  # what says nothing is also read as it is in Prague
    assert others <= ({"read as cp1250", "read as iso8859-2"} if codec == "cp1252" else set())


def _shown(texts: tuple[str, ...]) -> list[str]:
    return [without_strays(normalise(text)).strip() for text in texts]


@pytest.mark.parametrize("octet", sorted({*range(0x80, 0xA0)} - {0x85}))  # which is a line end
def test_controls_of_iso_8859_part_no_word(octet: int) -> None:
    """They show as nothing where readers take the declared charset by the letter, and in holes of Windows' charsets."""
    octets = b"night%cjar" % octet
    for charset in ("iso-8859-1", "latin1", "iso-8859-9", "iso-8859-11"):
        texts = charsets.readings(octets, charset).texts
        assert "nightjar" in _shown(texts), charset
    for before in (b"", b"=E0=E1=E2=E3_"):  # which may be letters of another charset
        subjects = Anatomy(b"Subject: =?iso-8859-1?Q?%bnight=%02Xjar?=\r\n\r\nx\r\n" % (before, octet)).subjects
        assert any("nightjar" in subject for subject in _shown(subjects))
    for number in range(1250, 1259):
        if b"%c" % octet not in bytes(range(256)).decode(f"cp{number}", "ignore").encode(f"cp{number}"):
            assert "nightjar" in _shown(charsets.readings(octets, f"windows-{number}").texts), number


def test_a_text_in_iso_8859_without_controls_is_read_once() -> None:
    assert charsets.readings("für Sie".encode("latin-1"), "iso-8859-1").texts == ("für Sie",)
    assert charsets.readings(b"don\x92t", "windows-1252").texts == ("don\u2019t",)
    assert len(charsets.readings("für Œuvres".encode(), "iso-8859-1").texts) == 2  # valid UTF-8 is next to never anything else


@pytest.mark.parametrize(
    ("charset", "bad", "word"), [("big5", b"\xa0\xa0", "\u4e2d\u6587"), ("euc-kr", b"\xc9\xa1", "\uc911\ubb38")]
)
def test_a_pair_that_is_no_letter_is_skipped_whole_or_by_half(charset: str, bad: bytes, word: str) -> None:
    """Browsers and Windows take both octets for one that cannot be shown; Python and others only the first."""
    octets = bad + word.encode(charset) + b"."
    found = charsets.readings(octets, charset, lambda _: ()).texts
    assert f"\ufffd{word}." in found
    assert any(text != f"\ufffd{word}." and text.startswith("\ufffd") for text in found)


_NOISE = bytes(random.Random(1).choices(range(0xA1, 0x100), k=400))


def _many_parts(count: int) -> bytes:
    head = b"From: a@example.net\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    part = b"--b\r\nContent-Type: text/plain; charset=us-ascii; charset=iso-8859-1\r\n\r\n%d %b\r\n"
    return head + b"".join(part % (number, _NOISE) for number in range(count)) + b"--b--\r\n"


def test_the_service_finds_out_few_charsets_itself() -> None:
    """Each takes a millisecond."""
    few, many = _many_parts(3), _many_parts(30)
    assert Anatomy(few, inline=True).texts
    with pytest.raises(NotInline):
        _ = Anatomy(many, inline=True).texts
    with pytest.raises(NotInline):
        _ = Anatomy(b"\r\n" + _NOISE * 30, inline=True).texts
    words = b"".join(b"Subject: =?us-ascii?B?%b?=\r\n" % base64.b64encode(_NOISE[at : at + 20]) for at in range(30))
    with pytest.raises(NotInline):
        _ = Anatomy(words + b"\r\n", inline=True).subjects


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


def test_of_much_text_the_beginning_is_read_in_the_common_charsets_and_the_end_in_its_own() -> None:
    text, word = _TEXTS["cp1251"]
    octets = text.encode("cp1251")
    decoy = _ODD * 60_000
    for page in (octets + decoy, decoy + octets * 40):
        mail = _body(page, "text/html", "us-ascii")
        assert any(word in one.text for one in mail.texts)
        assert Defect.TEXT_TRUNCATED in {one.defect for one in mail.all_defects()}


def test_the_charset_of_the_end_is_asked_for() -> None:
    end = "Дорогие друзья".encode("mac_cyrillic")
    sampled = charsets.samples("καλημέρα αγαπητοί φίλοι ".encode("iso8859-7") * 200 + end, 1_024)
    assert len(sampled) == 3
    assert sampled[2].endswith(end)


def test_an_honest_text_in_a_foreign_charset_is_read_in_few() -> None:
    for codec, (text, _) in _TEXTS.items():
        assert len(_body(text.encode(codec), "text/plain", codec).texts) < 4


def test_ukrainian_in_koi8() -> None:
    octets = "Шановні пані, соловей співає у саду, їжак біжить".encode("koi8-u")
    for declared in ("us-ascii", "iso-8859-1", "iso-8859-15"):
        assert any("співає" in one.text for one in _body(octets, "text/plain", declared).texts)


@pytest.mark.parametrize("word", ["nightjar", "Nachtschwälbe", "夜鷹"])
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_in_both_orders_in_headers(word: str, order: str) -> None:
    octets = word.encode(order)
    subject = b"=?utf-16?B?" + base64.b64encode(octets) + b"?="
    name = b"utf-16''" + b"".join(b"%%%02X" % octet for octet in octets)
    content = b"Subject: " + subject + b"\r\nContent-Disposition: attachment; filename*=" + name + b"\r\n\r\nx"
    anatomy = Anatomy(content)
    assert word in anatomy.subjects
    assert word in anatomy.attachments[0].names
