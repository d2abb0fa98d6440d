"""What all tests share: the network has only loopback, and a test that needs a real peer says what lacks when there is none.

With CI=true nothing is skipped for want of a peer: it fails. No test fails because the machine has other things to do.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import namespace
from fakes.lacking import lacking
from hypothesis import HealthCheck, settings

_LACKING_NETWORK = pytest.StashKey[str]()
# promtool lies beside the Python that runs the tests.
_PLACES = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))

settings.register_profile("whatever the load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever the load")


def pytest_configure(config: pytest.Config) -> None:
    os.environ["PATH"] = _PLACES
    config.stash[_LACKING_NETWORK] = namespace.enter()


@pytest.fixture(scope="session")
def needs(pytestconfig: pytest.Config) -> Callable[..., None]:
    """`needs("postfix", "swaks")`: the test goes on only where these commands are and the network is loopback alone."""

    def needs(*commands: str) -> None:
        missing = [command for command in commands if shutil.which(command) is None]
        if without := pytestconfig.stash[_LACKING_NETWORK]:
            missing.append(without)
        if missing:
            lacking(", ".join(missing))

    return needs
