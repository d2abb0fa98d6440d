"""What a test needs and this machine does not have: the test is skipped and says so; with CI=true it fails."""

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """End the test that asks."""
    text = f"this test needs {what}"
    if os.environ.get("CI") == "true":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
