"""Of a defect that is of several limits people are told which was reached."""

import pytest
from fakes.evasions.containers import zipped
from fakes.evasions.judging import safety, screened
from fakes.odd_mail import TOP, attached

from screener.anatomy.budget import Budget
from screener.anatomy.defects import Defect, Limit
from screener.anatomy.message import Anatomy

_MANY = TOP + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nhi\r\n" * 9 + b"--b--\r\n"
_ZIP = attached(zipped(("a.txt", b"hello " * 1_000)), "a.zip")
_TEXT = TOP + b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>" + b"hello " * 50
_FOREIGN = TOP + b"\r\n" + "соловей поёт ночью в саду".encode("koi8-r")
_REACHED = [
    (_MANY, Budget(parts=5), Defect.TOO_MANY_PARTS, Limit.PARTS),
    (TOP + b"\r\n" + b"begin 644 a.txt\r\n" * 2_100, Budget(), Defect.TOO_MANY_PARTS, Limit.FIXED),
    (_ZIP, Budget(decoded_octets=100), Defect.TOO_MUCH_DECODED, Limit.DECODED),
    (_ZIP, Budget(decoded_factor=0, decoded_floor=100), Defect.TOO_MUCH_DECODED, Limit.READINGS),
    (_ZIP, Budget(container_octets=1_000), Defect.CONTAINER_TOO_LARGE, Limit.UNPACKED),
    (_ZIP, Budget(container_ratio=2, container_ratio_floor=10), Defect.CONTAINER_TOO_LARGE, Limit.RATIO),
    (attached(b"ID;PWXL;N;E\r\n" * 50, "a.slk"), Budget(document_octets=100), Defect.CONTAINER_TOO_LARGE, Limit.DOCUMENT),
    (_TEXT, Budget(text_octets=100), Defect.TEXT_TRUNCATED, Limit.TEXT),
    (_FOREIGN, Budget(detections=0), Defect.TEXT_TRUNCATED, Limit.FIXED),
]


@pytest.mark.parametrize(("content", "budget", "defect", "limit"), _REACHED)
def test_the_limit_is_told(content: bytes, budget: Budget, defect: Defect, limit: Limit) -> None:
    anatomy = Anatomy(content, budget=budget)
    anatomy.all_defects()
    _ = anatomy.active_bodies
    assert {one.limit for one in anatomy.defects if one.defect is defect} == {limit}


def test_people_read_it_in_the_evidence() -> None:
    (verdict,) = screened(safety(), _ZIP, Anatomy(_ZIP, budget=Budget(container_octets=1_000))).verdicts
    told = [one.text for hit in verdict.hits for one in hit.evidence]
    assert any(text.endswith("Reached: screening.budget.unpacked.") for text in told), told
