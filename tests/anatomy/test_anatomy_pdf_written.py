"""A PDF in which one word stands where another is expected: comments, NULs, strings, streams within them (ISO 32000-1 7.2)."""

import zlib

import pytest
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import attached

from screener.anatomy.active import Active
from screener.anatomy.defects import Defect
from screener.anatomy.message import Anatomy
from screener.mail.verdict import Action

SCRIPT = b"var a = new ActiveXObject('x');\n"
HIDDEN = (b"<</S/Launch/F(cmd.exe)>>", b"<</F(a.js)/UF(a.js)/EF<</F 5 0 R>>>>")


def packed(
    *objects: bytes, before: bytes = b"", keys: bytes = b"", behind: bytes = b"", how: bytes = b"/Filter/FlateDecode"
) -> bytes:
    """A PDF whose objects from 10 on stand in an object stream, number 9, and an embedded file in 5."""
    starts = [sum(len(one) + 1 for one in objects[:number]) for number in range(len(objects))]
    head = b" ".join(b"%d %d" % (number, start) for number, start in enumerate(starts, 10)) + b" "
    content = zlib.compress(head + b" ".join(objects))
    stream = b"9 0 obj<</Type/ObjStm/N %d/First %d%b/Length %d%b>>%bstream\n" % (
        len(objects), len(head), how, len(content), keys, behind
    )  # fmt: skip
    file = b"5 0 obj<</Length %d>>stream\n" % len(SCRIPT) + SCRIPT + b"\nendstream endobj\n"
    root = b"1 0 obj<</Type/Catalog/OpenAction 10 0 R/Names<</EmbeddedFiles<</Names[(x) 11 0 R]>>>>>>endobj\n"
    return b"%PDF-1.7\n" + root + file + before + stream + content + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def seen(octets: bytes) -> tuple[set[str], set[Active], set[Defect]]:
    anatomy = Anatomy(attached(octets, "a.pdf"))
    names = {name for one in anatomy.attachments for name in one.names}
    active = {act for one in anatomy.attachments for act in one.active_content}
    return names, active, {one.defect for one in anatomy.all_defects()}


@pytest.mark.parametrize(
    "octets",
    [
        packed(*HIDDEN),
        packed(*HIDDEN, before=b"6 0 obj<</A(>>stream\n)>>endobj\n"),
        packed(*HIDDEN, before=b"6 0 obj%>>stream\n<<>>endobj\n"),
        packed(*HIDDEN, before=b"6 0 obj<</Length 9>>stream\n"),
        packed(*HIDDEN, keys=b"\n%1 0 obj\n"),
        packed(*HIDDEN, keys=b"/X(1 0 obj)"),
        packed(*HIDDEN, keys=b"/X(>> 1 0 obj )"),
        packed(*HIDDEN, keys=b"/X(" + b"x" * 70_000 + b")"),
        packed(*HIDDEN, behind=b"%>>x\n"),
        packed(*HIDDEN, how=b"/F[]/Filter/FlateDecode"),
        packed(*HIDDEN, how=b"/Filter%c\n/FlateDecode"),
        packed(*HIDDEN, how=b"/Filter\0/FlateDecode"),
        packed(*HIDDEN, how=b"/Filter" + b" " * 120 + b"/FlateDecode"),
        packed(*HIDDEN, how=b"/A(/Filter[])/Filter/FlateDecode"),
        packed(*HIDDEN, how=b"/A<</Filter[]>>/Filter/FlateDecode"),
    ],
)
def test_an_object_stream_is_read_however_it_is_written(octets: bytes) -> None:
    names, active, _ = seen(octets)
    assert "a.js" in names
    assert Active.LAUNCH in active


@pytest.mark.parametrize(
    "octets",
    [
        packed(*HIDDEN, keys=b"/X(1 0 obj<<)"),
        packed(*HIDDEN, keys=b"/X(1\0000\0obj%\n<<)"),
        packed(*HIDDEN, keys=b"/X(1 0 obj)%\n<</Length 9>>"),
        packed(b"null", before=b"6 0 obj%7 0 obj\n<</Length 1>>stream\n1\nendstream endobj\n"),
        packed(b"null", before=b"6 0 obj%7 0 obj" + b"\n" * 200 + b"<</Length 1>>stream\n1\nendstream endobj\n"),
        packed(*HIDDEN, before=b"6 0 obj<</A(>>stream\n)>>endobj\n"),
        packed(b"null", before=b"6 0 obj<</A(%PDF-1.7\n>>stream\n)>>endobj\n"),
        packed(*HIDDEN, before=b"6 0 obj<</A(\nendobj 7 0 obj<</Length 9>>stream\n) /S/Launch\nendstream\n>>endobj\n"),
    ],
)
def test_where_a_stream_seems_to_begin_within_an_object_it_is_doubtful(octets: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS in seen(octets)[2]
    assert screened(safety(), attached(octets, "a.pdf")).verdicts[0].action is Action.HOLD


@pytest.mark.parametrize(
    "written",
    [
        b"(Join the live stream\n)",
        b"(1 object, 2 objects)",
        b"(see 12 0 obj in the file)",
        b"(in 12 0 obj)",
        b"(copy.copy(obj [, memo]))",
        b"(The obj (object) file format)",
        b"(C++ obj(x))",
        b"(for (k in obj) { x = obj[k]; } // the obj <x>)",
        b"% obj [1]\n()",
        b"(Home >> Streams)",
        b"(a % b)",
        b"(\\()",
        b"<28>",
        b"(a (b) c)",
        b"<<" + b"/GS1<</ca 0.5>>" * 5_000 + b">>",
        b"% page stream\n()",
        b"% of object 3\n()",
    ],
)
@pytest.mark.parametrize("behind", [b"endobj\n", b"\nstream\nq \nendstream endobj\n"])
def test_ordinary_strings_and_comments_are_not_doubtful(written: bytes, behind: bytes) -> None:
    """ReportLab comments each object; titles are in words; a form lists the resources of a whole drawing."""
    before = b"%% a comment\n20 0 obj\n% page stream\n<</Length 2/Title" + written + b">>" + behind
    assert not seen(packed(b"null", before=before))[2]


@pytest.mark.parametrize(
    "ahead",
    [
        b"<br />\n<b>Warning</b>:  Missing argument for sum( in invoice.php on line 5<br />\n",
        b"PK\3\4" + bytes(range(256)) * 9,
    ],
)
def test_what_stands_before_a_pdf_does_not_go_on_in_it(ahead: bytes) -> None:
    assert Defect.CONTAINER_AMBIGUOUS not in seen(ahead + packed(*HIDDEN, before=b"6 0 obj<<>>endobj\n"))[2]
    hiding = b"6 0 obj<</A(\n" + packed(*HIDDEN, before=b"7 0 obj<</Length 9>>stream\n)/UF(a.js)endstream\n")
    assert Defect.CONTAINER_AMBIGUOUS in seen(ahead[:64] + hiding)[2]


def test_an_object_stream_that_holds_no_objects_is_a_defect() -> None:
    assert Defect.CONTAINER_METHOD in seen(packed(*HIDDEN, how=b"/Filter[]/Filter/FlateDecode"))[2]


def test_a_file_may_be_called_obj() -> None:
    before = b"20 0 obj[(house.obj) 21 0 R(x.obj)(y)]endobj 21 0 obj<</F(house.obj)/UF(house.obj)/EF<</F 5 0 R>>>>endobj\n"
    names, _, found = seen(packed(b"null", before=before))
    assert "house.obj" in names
    assert not found


def test_files_in_one_object_stream_have_their_own_names() -> None:
    """A factur-x invoice and what explains it: neither is called as the other."""
    one = b"<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/EF<</F 5 0 R>>>>"
    other = b"<</Type/Filespec/F(notes.pdf)/UF(notes.pdf)/EF<</F 6 0 R>>>>"
    notes = b"6 0 obj<</Length 5>>stream\nnotes\nendstream endobj\n"
    anatomy = Anatomy(attached(packed(one, other, before=notes), "a.pdf"))
    assert [one.names for one in anatomy.attachments[1:]] == [("factur-x.xml",), ("notes.pdf", "x")]
    assert not anatomy.all_defects()


@pytest.mark.parametrize(
    "written",
    [
        b"/F(a.txt)/UF%c\n(a.js)/EF<</F 5 0 R>>",
        b"/F(a.txt)/UF\0(a.js)/EF<</F 5 0 R>>",
        b"/F(a.txt)/UF" + b" " * 120 + b"(a.js)/EF<</F 5 0 R>>",
        b"/F(a.js)/EF%c\n<</F 5 0 R>>",
        b"/F(a.js)/EF" + b" %c\n" * 120 + b"<</F" + b"%\r%\0" * 120 + b"\r5" + b" " * 49 + b"%\n" * 99 + b" " * 48 + b"0 R>>",
        b"/F(a.js)/EF<</F 5\0000\0R>>",
        b"/F(a.js)/EF<</X<41>/F 5 0 R>>",
        b"/X<41%42>/F(a.js)/EF<</F 5 0 R>>\n",
        b"/X<41(42>/F(a.js)/EF<</F 5 0 R>>/Y<)>",
        b"/X<z<<z>/F(a.js)/EF<</X<z<<z>/F 5 0 R>>",
        b"/X<41obj%>/F(a.js)/EF<</F 5 0 R>>\n",
        b"/UF(a.js)/Z[" + b"1 " * 5_000 + b"]/F(a.txt)/EF<</F 5 0 R>>",
        b"/F(a.txt)/EF<</F 5 0 R>>/Z[" + b"1 " * 5_000 + b"]/UF(a.js)",
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_file_is_called_by_every_name_however_it_is_written(written: bytes, is_packed: bool) -> None:
    written = b"<<" + written + b">>"
    octets = packed(written) if is_packed else packed(b"null", before=b"20 0 obj" + written + b"endobj\n")
    assert "a.js" in seen(octets)[0]


@pytest.mark.parametrize("odd", [b"%", b"(", b"4<<", b"[", b"/Filter/AHx", b"z", b"\\", b"/O<</S/JavaScript/JS(app.alert\\(1\\))"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_what_is_no_digit_in_a_string_of_digits_is_ambiguous(odd: bytes, is_packed: bool) -> None:
    """7.3.4.3: most readers pass over it, MuPDF takes it for a digit, and qpdf reads on in it."""
    written = b"/Z<<<41>/Y>>/X<4" + odd + b"1>"
    if is_packed:
        assert {Defect.CONTAINER_METHOD, Defect.CONTAINER_AMBIGUOUS} & seen(packed(b"<<" + written + b">>", *HIDDEN))[2]
    else:
        assert Defect.CONTAINER_AMBIGUOUS in seen(packed(*HIDDEN, keys=written + b"/Y<)>\n"))[2]


def test_strings_in_brackets_that_are_none_of_digits_are_not() -> None:
    for written in (b"<<<<>>>>", b"<</X<<<41>/Y>>/Z<4 1\n>/V<>>>", b"<</Title(a <b> c)>>"):
        assert not seen(packed(b"null", before=b"20 0 obj" + written + b"endobj\n"))[2] & {Defect.CONTAINER_AMBIGUOUS}
    assert not seen(packed(b"null") + b"<br />\n<b>Warning</b>\n")[2]


@pytest.mark.parametrize("is_one", [b"/Launch", b"null", b"-1", b"<<>>", b" " * 100])
def test_any_object_that_seems_to_begin_in_a_string_or_a_comment_is_ambiguous(is_one: bytes) -> None:
    for before in (b"%%\n%% 9 0 obj %b endobj\n", b"8 0 obj(9 0 obj %b endobj)endobj\n"):
        assert Defect.CONTAINER_AMBIGUOUS in seen(packed(*HIDDEN, before=before % is_one))[2]


def test_a_string_of_digits_in_which_an_object_or_a_trailer_seems_to_begin_is_ambiguous() -> None:
    for begins in (b"20 0 obj<</X 1", b"trailer%"):
        assert Defect.CONTAINER_AMBIGUOUS in seen(packed(*HIDDEN, before=b"< " + begins + b">\n"))[2]
    assert not seen(packed(*HIDDEN, before=b"<object x=y>% (<z\n)\n"))[2]
