"""Character references by number, as browsers read them."""

import pytest

from screener.anatomy.html.entities import unescaped
from screener.anatomy.message import Anatomy


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("&#65;&#x42;&amp;", "AB&"),
        ("&#" + "0" * 5_000 + "65;", "A"),
        ("&#x" + "0" * 5_000 + "41;", "A"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
        ("&#x" + "f" * 5_000 + ";", "\ufffd"),
        ("&#0;", "\ufffd"),
    ],
)
def test_a_number_of_any_length(written: str, shown: str) -> None:
    assert unescaped(written).removesuffix(";") == shown
    page = f"Content-Type: text/html\r\n\r\n<p>be{written}hind</p>\r\n".encode()
    assert any("hind" in text.text for text in Anatomy(page).texts)
