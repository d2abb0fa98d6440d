"""How commands read the settings; a file that is missing is explained, a file with errors raises Complaints with all of them."""

from pathlib import Path
from typing import TYPE_CHECKING

from screener.cli.program import NotDone

if TYPE_CHECKING:
    from screener.config.models import Config


def load_config(path: Path) -> "Config":
    """Read and check the settings; raises NotDone where there is no such file, else Complaints for all that is wrong."""
    from screener.config.file import load  # takes longer than many a command that can do without

    if not path.exists():
        raise NotDone(f"{path}: there is no such file; name the settings with --config FILE or $SCREENER_CONFIG")
    return load(path)
