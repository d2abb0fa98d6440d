"""A certificate of our own for tests, signed by itself."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificate:
    """The two files of a PEM pair."""

    certificate: Path
    key: Path


def certificate(folder: Path, name: str) -> Certificate:
    """Make a pair for a host of that name; needs the command `openssl`."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", made.key, "-out", made.certificate),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return made
