"""What a page's own document type declares: entities and attributes by default, as readers have them that take it for XML."""

import pytest
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy, NotInline
from screener.anatomy.office import xml_source

SVG = "http://www.w3.org/2000/svg"
PAGE = "http://www.w3.org/1999/xhtml"
XSL = "http://www.w3.org/1999/XSL/Transform"
WORDS = {
    "one": f"<!DOCTYPE html [<!ENTITY a 'night'>]><html xmlns='{PAGE}'><body><p>&a;jar</p></body></html>",
    "characters": f"<!DOCTYPE html [<!ENTITY a '&#38;#110;ight'>]><html xmlns='{PAGE}'><body><p>&a;jar</p></body></html>",
    "by a parameter": f"<!DOCTYPE html [<!ENTITY % p '&#60;!ENTITY a \"night\">'>%p;]><html xmlns='{PAGE}'><p>&a;jar</p></html>",
    "behind a comment": f"<!--x--><!DOCTYPE html [<!ENTITY a 'night'>]><html xmlns='{PAGE}'><p>&a;jar</p></html>",
}
ACTS = {
    "an address in two": (
        f"<!DOCTYPE svg [<!ENTITY j 'java'><!ENTITY k 'script:go()'>]><svg xmlns='{SVG}'><a href='&j;&k;'/></svg>",
        Active.SCRIPT_ADDRESS,
    ),
    "an attribute": (f"<!DOCTYPE svg [<!ATTLIST svg onload CDATA 'go()'>]><svg xmlns='{SVG}'/>", Active.EVENT),
    "attributes": (
        f"<!DOCTYPE html [<!ATTLIST img xmlns CDATA '{PAGE}' src CDATA #FIXED 'x:x' onerror CDATA\n'go()'>]><html><img/></html>",
        Active.EVENT,
    ),
    "one of several values": (f"<!DOCTYPE svg [<!ATTLIST svg onload (a|go) 'go'>]><svg xmlns='{SVG}'/>", Active.EVENT),
    "one with an entity": (
        f"<!DOCTYPE svg [<!ENTITY j 'java'><!ATTLIST a href CDATA '&j;script:go()'>]><svg xmlns='{SVG}'><a/></svg>",
        Active.SCRIPT_ADDRESS,
    ),
    "by a parameter": (
        "<!DOCTYPE svg [<!ENTITY % p \"&#60;!ENTITY x '&#38;#60;s&#38;#99;ript&#38;#62;go()&#38;#60;/script&#38;#62;'>\">%p;]>"
        f"<svg xmlns='{SVG}'>&x;</svg>",
        Active.SCRIPT,
    ),
    "a style sheet in itself": (
        f"<?xml-stylesheet type='text/xsl' href='#a'?><d><xsl:stylesheet id='a' xmlns:xsl='{XSL}' version='1.0'>"
        "<xsl:template match='/'>"
        '<xsl:element name=\'{concat("scr", "ipt")}\'>go()</xsl:element></xsl:template></xsl:stylesheet></d>',
        Active.SCRIPT,
    ),
}


@pytest.mark.parametrize("kind", WORDS)
def test_words_of_entities(kind: str) -> None:
    page = WORDS[kind].encode()
    body = Anatomy(b"Content-Type: application/xhtml+xml\r\n\r\n" + page)
    assert any("nightjar" in one.text for one in body.texts)
    assert any("nightjar" in one.text for one in Anatomy(attached(page, "a.xhtml")).attachment_texts)


@pytest.mark.parametrize("name", ["a.svg", "a.xml", "a.xhtml"])
@pytest.mark.parametrize("kind", ACTS)
def test_what_acts_by_a_document_type(kind: str, name: str) -> None:
    page, active = ACTS[kind]
    assert active in Anatomy(attached(page.encode(), name)).attachments[0].active_content


def test_what_acts_in_a_body_by_its_document_type() -> None:
    page, active = ACTS["an address in two"]
    mail = b"Content-Type: application/xhtml+xml\r\n\r\n" + page.encode()
    assert active in {one.kind for one in Anatomy(mail).active_bodies}
    with pytest.raises(NotInline):
        _ = Anatomy(mail, inline=True).texts


def test_an_invoice_that_names_its_style_sheet_does_not_act() -> None:
    page = b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="fattura.xsl"?><p:FatturaElettronica xmlns:p="x"/>'
    assert not Anatomy(attached(page, "a.xml")).attachments[0].active_content


def test_entities_that_grow_are_bounded() -> None:
    entities = "".join(f"<!ENTITY a{at + 1} '{f'&a{at};' * 10}'>" for at in range(8))
    page = f"<!DOCTYPE html [<!ENTITY a0 'xxxxxxxxxx'>{entities}]><html xmlns='{PAGE}'><p>nightjar &a8;</p></html>".encode()
    mail = Anatomy(attached(page, "a.xhtml"))
    assert any("nightjar" in one.text for one in mail.attachment_texts)
    assert not mail.attachments[0].active_content
    many = "".join(f"<!ATTLIST svg onload{at} CDATA 'go()'>" for at in range(20_000))
    assert Active.EVENT not in Anatomy(attached(f"<!DOCTYPE svg [{many}".encode(), "a.svg")).attachments[0].active_content
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in mail.all_defects()}  # it may act by what is not put in


@pytest.mark.parametrize("name", ["a.svg", "a.xml", "a.xhtml", "a.fodt"])
@pytest.mark.parametrize("references", [10, 400])
def test_entities_that_add_more_than_is_put_in_are_told(name: str, references: int) -> None:
    """In a small document little: each of many in a mail took as long as a large one."""
    page = f"<!DOCTYPE svg [<!ENTITY a '{'x' * 100}'>]><svg xmlns='{SVG}'><text>{'&a; ' * references}</text></svg>"
    defects = {one.defect for one in Anatomy(attached(page.encode(), name)).all_defects()}
    assert (Defect.TEXT_TRUNCATED in defects) is (references == 400)


class _Counted(dict[str, str]):
    asked = 0

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.asked += 1
        return super().get(key, default)


def test_entities_behind_more_than_is_put_in_are_not_looked_up() -> None:
    entities = _Counted(a="x" * 3_000, b="y")
    text = "&b;" + "&a;" * 1_000 + "&b;"
    put_in, is_cut = xml_source._expanded(text, entities, 10_000)
    assert (is_cut, entities.asked) == (True, 5)
    assert put_in == "y" + "x" * 9_000 + "&a;" * 997 + "&b;"
    assert xml_source._expanded("&b;&c;", entities, 10_000) == ("y&c;", False)
