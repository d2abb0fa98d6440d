"""Reading the settings file.

Promises, for a bad file, all complaints at once as `file:line:column` (yamlfile.Complaints). Paths in the file are relative to
the file's own folder and absolute afterwards.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from screener import files, yamlfile
from screener.config.contradictions import contradictions
from screener.config.models import Config
from screener.settings import written
from screener.yamlfile import Complaint, Complaints, Severity
from screener.yamlmodel import validated


def load(path: Path) -> Config:
    """Read and check a configuration file; raises Complaints with everything that is wrong."""
    name = str(path)
    try:
        octets = files.octets(path)
        folder = path.resolve().parent
    except OSError as error:
        raise Complaints([Complaint(yamlfile.Place(name), f"cannot be read: {error.strerror or error}")]) from error
    node = yamlfile.read(octets, name)
    complaints = list(written.complaints(node, folder))
    try:
        config = _absolute(validated(Config, node), folder)
        complaints += contradictions(config, node)
    except Complaints as error:
        complaints += error.complaints
    if complaints:
        raise Complaints(set(complaints))
    return config


def warnings(config: Config, shown: str) -> Iterator[Complaint]:
    """What may not be meant in settings that can be used; `shown` is their file's name for people."""
    goes_out = any(config.routes[domain.route].next_hops for domain in config.domains.values())
    if goes_out and config.default_route is None:
        text = (
            "`default_route` is not set: failed mail and delays cannot be reported to senders of other domains, and that failed "
            "mail waits in hold: name the route that leads to them"
        )
        yield Complaint(yamlfile.Place(shown), text, Severity.WARNING)


def _absolute(config: Config, folder: Path) -> Config:
    """The settings with every relative path put below the folder."""
    absolute = _with_paths(config, lambda path: folder / path)
    assert isinstance(absolute, Config)
    return absolute


def _with_paths(value: object, change: Callable[[Path], Path]) -> object:
    match value:
        case Path():
            return change(value)
        case BaseModel():
            fields = {name: _with_paths(getattr(value, name), change) for name in type(value).model_fields}
            return value.model_copy(update=fields)
        case dict():
            return {key: _with_paths(one, change) for key, one in value.items()}
        case tuple() if type(value) is tuple:  # not HostPort
            return tuple(_with_paths(one, change) for one in value)
        case _:
            return value
