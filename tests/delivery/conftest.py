"""What the tests of delivery share: a certificate for localhost."""

import pytest
from fakes.certificate import certificate as make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Certificate and key, as files."""
    made = make(tmp_path_factory.mktemp("tls"), "localhost")
    return str(made.certificate), str(made.key)
