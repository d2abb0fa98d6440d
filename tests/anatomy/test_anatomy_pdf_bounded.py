"""PDFs in which little leads to much: what is looked at is bounded by the size of the file."""

import pytest

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect
from screener.anatomy.ledger import Ledger
from screener.anatomy.pdf import elsewhere, lock_identifiers, packed, streams


@pytest.mark.parametrize("count", [100, 1_000])
def test_identifiers_that_do_not_end_are_read_a_few_times_only(count: int) -> None:
    raw = b"/ID[(" * count
    told, is_odd = lock_identifiers.found(raw, ())
    assert is_odd and sum(map(len, told)) <= 4 * len(raw)


def test_references_are_looked_up_as_often_as_a_file_can_have_them() -> None:
    octets = b"%PDF-1.7\n" + b"".join(b"%d 0 obj<</Filter %d 0 R>>stream\nendstream " % (one, one + 1) for one in range(1, 25))
    parted = streams.parted(octets)
    ledger = Ledger(Budget(), len(octets), foreign=True)
    elsewhere.settle(parted.streams, streams.plain(parted.outside), ledger, "")
    assert sum(len(value) for one in parted.streams for told in one.packing.values() for value in told) < 2 * len(octets)
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
