"""Members of an archive that are links to others: unpacked, each is the file that it leads to.

Promises: linear, bounded by the ledger, never raises.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from screener.anatomy.ledger import Ledger
from screener.anatomy.member import Member

_MAX_STEPS = 40  # from link to link, as Linux goes (path_resolution(7))
_MAX_FOLDERS, _MAX_PATH, _MAX_FOLDER_STEPS = 32, 1024, 8  # where folders in a path are links themselves


def beside(name: str, target: str) -> str:
    """The path in the archive that a symbolic link of this name leads to."""
    return posixpath.join(posixpath.dirname(name), target)


def followed(members: Sequence[tuple[Member, str]], ledger: Ledger, place: str) -> tuple[Member, ...]:
    """The members, each with the path in the archive that it leads to, "" for none; links with what they lead to."""
    found = [member for member, _ in members]
    if not any(path for _, path in members):
        return tuple(found)
    targets = _targets(members)
    for link, target in targets.items():
        if _is_empty(found[target]) and not _is_empty(found[link]):  # in a cpio the last one of several names has the octets
            found[target] = _same(found[target], found[link])
            ledger.spend_unpacked(found[link].size, place)
    for link in targets:
        end = link
        for _ in range(_MAX_STEPS):
            if not _is_empty(found[end]) or end not in targets:
                break
            end = targets[end]
        if end == link or _is_empty(found[end]):
            continue
        if ledger.unpacked_left <= 0:
            break
        found[link] = _same(found[link], found[end])
        ledger.spend_unpacked(found[end].size, place)
    return tuple(found)


def _targets(members: Sequence[tuple[Member, str]]) -> dict[int, int]:
    """By the number of each link, the member it leads to: the last one of that path before it, else the first behind it."""
    paths = [_path(member.names[0]) if member.names else "" for member, _ in members]
    first: dict[str, int] = {}
    for number, path in enumerate(paths):
        first.setdefault(path, number)
        first.setdefault(path.lower(), number)
    folders = {path: _path(target) for path, (_, target) in zip(paths, members, strict=True) if 0 < len(target) <= _MAX_PATH}
    before: dict[str, int] = {}
    targets: dict[int, int] = {}
    for number, (path, (_, target)) in enumerate(zip(paths, members, strict=True)):
        if target:
            wanted = _path(target)
            if wanted not in first:
                wanted = _through(wanted, folders)
            ways = (look.get(one) for one in (wanted, wanted.lower()) for look in (before, first))
            if (at := next((way for way in ways if way is not None), number)) != number:
                targets[number] = at
        before[path] = before[path.lower()] = number
    return targets


def _through(path: str, folders: Mapping[str, str]) -> str:
    """A path whose folders are links as the one that it leads to."""
    for _ in range(_MAX_FOLDER_STEPS):
        pieces = path.split("/", _MAX_FOLDERS) if len(path) <= _MAX_PATH else []
        link = next((one for one in accumulate(pieces[:-1], "{}/{}".format) if one in folders), None)
        if link is None:
            break
        path = posixpath.normpath(folders[link] + path[len(link) :])
    return path


def _is_empty(member: Member) -> bool:
    """Whether nothing lies in it, whatever size it says."""
    return not member.encrypted and not member.read(1)


def _path(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/")


def _same(link: Member, member: Member) -> Member:
    """A link as what it leads to."""
    return replace(link, size=member.size, encrypted=member.encrypted, read=member.read, last=member.last)
