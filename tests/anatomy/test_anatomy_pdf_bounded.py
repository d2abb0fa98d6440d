"""PDFs in which little leads to much: what is looked at is bounded by the size of the file."""

import re
import zlib

import pytest

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import elsewhere, lock_identifiers, objects, packed, plainly, quotes, reader, resources, streams, written
from screener.anatomy.pdf.views import View


@pytest.mark.parametrize("count", [100, 1_000])
def test_identifiers_that_do_not_end_are_read_a_few_times_only(count: int) -> None:
    raw = b"/ID[(" * count
    told, is_odd = lock_identifiers.found(raw, ())
    assert is_odd and sum(map(len, told)) <= 4 * len(raw)


def test_references_are_looked_up_as_often_as_a_file_can_have_them() -> None:
    octets = b"%PDF-1.7\n" + b"".join(b"%d 0 obj<</Filter %d 0 R>>stream\nendstream " % (one, one + 1) for one in range(1, 25))
    split = streams.split(octets)
    ledger = Ledger(Budget(), len(octets))
    elsewhere.settle(split.streams, streams.plain(split.outside), ledger, "")
    assert sum(len(value) for one in split.streams for told in one.packing.values() for value in told) < 2 * len(octets)
    told = [streams.Stream(b"1", b"<</Filter[" + b"2 0 R " * 16 + b"]>>", 0, 0, False) for _ in range(20)]
    elsewhere.settle(told, b"2 0 obj 2 0 R endobj", ledger, "")
    assert Defect.CONTAINER_TOO_MANY_MEMBERS in {one.defect for one in ledger.found}


@pytest.mark.parametrize("pair", [b"8 0 ", b"8 9 ", b"8 99999 ", b"8 0 8 00 "])
def test_objects_of_a_stream_that_begin_at_one_place_are_read_once(pair: bytes) -> None:
    head = pair * 3_000
    content = head + b"<<" * 3_000
    keys = b"<</Type/ObjStm/N %d/First %d>>" % (len(head.split()) // 2, len(head))
    found, numbers, is_odd = packed.objects(keys, content)
    assert (sum(len(body) for _, body in found) <= len(content), set(numbers), is_odd) == (True, {8}, True)
    assert len(packed.apart(keys, content)[1]) < 2 * len(content)


def test_streams_of_a_small_file_unpack_to_no_more_than_honest_ones() -> None:
    packed_so = zlib.compress(b"8 0 " + bytes(100_000), 9)
    stream = b"1 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%b\nendstream endobj\n"
    octets = b"%PDF-1.7\n" + stream % (len(packed_so), packed_so) * 9
    ledger = Ledger(Budget(), len(octets))
    before = ledger.unpacked_left
    reader.read(octets, ledger, "")
    assert Defect.CONTAINER_TOO_LARGE in {one.defect for one in ledger.found}
    assert before - ledger.unpacked_left <= max(Budget().document_floor, Budget().document_factor * len(octets))
    assert Budget().document_floor < 600_000


def test_resources_that_lead_to_others_again_and_again_end() -> None:
    """Each was asked within the one before, deeper than Python goes."""
    bodies = [b"<</Resources %d 0 R>>" % (one + 1) for one in range(3_000)]
    found = objects.Objects(b"".join(b"%d 0 obj%bendobj " % one for one in enumerate(bodies)), [], [])
    assert not resources.Resources(found).named(bodies[0], b"/Font")
    found.bodies[b"3"] = b"<</Font<</F1 9 0 R>>>>"
    assert resources.Resources(found).named(bodies[0], b"/Font") == {b"F1": b"9"}


def test_contents_of_a_small_file_do_so_too() -> None:
    drawn = zlib.compress(b"BT /F1 12 Tf (a) Tj ET " * 5_000, 9)
    stream = b"%d 0 obj<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream endobj\n"
    pages = b"".join(b"%d 0 obj<</Type/Page/Contents %d 0 R>>endobj\n" % (20 + one, one) for one in range(1, 10))
    octets = b"%PDF-1.7\n" + b"".join(stream % (one, len(drawn), drawn) for one in range(1, 10)) + pages
    ledger = Ledger(Budget(), len(octets))
    before = ledger.unpacked_left
    (text,) = reader.read(octets, ledger, "").texts
    assert text(10_000_000).startswith("a")
    assert {one.defect for one in ledger.found} == {Defect.TEXT_TRUNCATED}
    assert before - ledger.unpacked_left <= Budget().document_floor + 200_000


def test_strings_of_digits_with_something_else_in_them_are_written_plainly_a_few_times() -> None:
    found = written.spaced(b"1 0 obj [" + b"<4z1>" * 5_000 + b"]")
    assert found.has_junk and found.text.count(b"<41>") < 300
    assert written.spaced(b"<p>" * 5_000).text.count(b"<p>") == 0, "where no object has begun it is no matter"


@pytest.mark.parametrize("text", [b"(a)" * 9, b"(a\\)(b)\\(c)", b"x (a\\(b) y"])
def test_strings_that_are_plain_to_see_stay_what_they_are(text: bytes) -> None:
    assert written.spaced(text) == written.Spaced(text)
    assert written.spaced(text + b"(").is_open and written.spaced(b"%x\n" + text).text == b" \n" + text


def test_objects_that_are_written_plainly_are_not_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of a tagged document, which are many."""
    written_anew: list[bytes] = []

    def counted(text: bytes, *, is_object: bool = False) -> written.Spaced:
        written_anew.append(text)
        return written.spaced(text, is_object=is_object)

    monkeypatch.setattr(objects, "spaced", counted)
    bodies = [b"<</S/P/K %d>> " % one for one in range(9)] + [b"(a %) ", b"<</T(obj)>> "]
    head = b"".join(b"%d %d " % (one, sum(map(len, bodies[:one]))) for one in range(len(bodies)))
    stream = streams.Stream(b"1", b"<</Type/ObjStm/N %d/First %d>>" % (len(bodies), len(head)), 0, 0, False)
    found = objects.Objects(b"", [(stream, head + b"".join(bodies))], [])
    assert len(found.bodies) == len(bodies) and written_anew == bodies[-2:]


def test_keys_of_a_tree_of_names_are_looked_for_once() -> None:
    """Each bracket that is escaped began one: minutes, which no test may take."""
    assert not View(b"(" + b"\\(" * 200_000).keys_of(b"7")
    (key,) = View(b"\\((a \\) (b (c)).js) 7 0 R").keys_of(b"7")
    assert key[1] == b"(a \\) (b (c)).js)"


def test_names_in_a_tree_are_read_once_for_all_objects_of_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[plainly.Text] = []

    def called(text: plainly.Text) -> str | None:
        asked.append(text)
        return "a"

    monkeypatch.setattr(plainly, "called", called)
    octets = b"%PDF-1.7\n" + b"5 0 obj<</F(a)/EF<</F 9 0 R>>>>endobj\n" * 50 + b"[" + b"(a)5 0 R" * 200 + b"]\n"
    reader.read(octets + b"9 0 obj<</Type/EmbeddedFile>>stream\nx\nendstream endobj\n", Ledger(Budget(), 99), "")
    assert 200 < len(asked) < 3 * 300
    asked.clear()
    many = octets + b"(a)5 0 R" * 5_000
    reader.read(many + b"9 0 obj<</Type/EmbeddedFile>>stream\nx\nendstream endobj\n", ledger := Ledger(Budget(), 99), "")
    assert len(asked) < 3 * 50 + 3
    assert Defect.CONTAINER_AMBIGUOUS in {one.defect for one in ledger.found}


def test_a_string_is_looked_for_once_however_many_words_stand_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    class Pattern:
        def search(self, text: bytes, at: int) -> re.Match[bytes] | None:
            nonlocal looked
            found = apart.search(text, at)
            looked += (len(text) if found is None else found.end()) - at
            return found

    apart = written.APART
    monkeypatch.setattr(written, "APART", Pattern())
    for octets in (b"stream" * 500, b"stream" * 500 + b"(a)"):
        looked = 0
        quoted = quotes.Quotes(octets)
        assert all(quoted.behind(at, at) == -1 for at in range(0, 3_000, 6))
        assert looked <= len(octets)
