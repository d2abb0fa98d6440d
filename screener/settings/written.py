"""The settings file as it is written: what can be said about it even where other settings are wrong.

Reads nodes, never values. Complains of routes nobody defined, files that are not there, folders that
cannot be made, domains that stand twice. What the
settings mean together once they are read is left to `config`.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from screener import files, yamlfile
from screener.settings.kinds import domain
from screener.yamlfile import Complaint, Node
from screener.yamlmodel import shown


def complaints(node: Node, folder: Path) -> Iterator[Complaint]:
    """Everything wrong with the file that its nodes alone show; paths in it are relative to `folder`."""
    yield from _unknown_routes(node)
    yield from _missing_files(node, folder)
    yield from _impossible_folders(node, folder)
    yield from _repeated_domains(node)


def _texts(node: Node, *pattern: str) -> Iterator[yamlfile.Scalar]:
    """The written values at a location; "*" stands for every entry of a table or list."""
    if not pattern:
        if isinstance(node, yamlfile.Scalar) and not node.is_empty:
            yield node
        return
    step, rest = pattern[0], pattern[1:]
    if isinstance(node, yamlfile.Mapping):
        for entry in node.entries:
            if step in ("*", entry.key.text):
                yield from _texts(entry.value, *rest)
    elif isinstance(node, yamlfile.Sequence) and step == "*":
        for one in node.items:
            yield from _texts(one, *rest)


def _unknown_routes(node: Node) -> Iterator[Complaint]:
    routes = node.get("routes") if isinstance(node, yamlfile.Mapping) else None
    if not isinstance(routes, yamlfile.Mapping):
        return
    names = [entry.key.text for entry in routes.entries]
    for route in (*_texts(node, "domains", "*", "route"), *_texts(node, "default_route")):
        if route.text not in names:
            near = yamlfile.did_you_mean(route.text[:100], names)
            yield Complaint(route.place, f"no route is named {shown(route.text)}{near}")


_FILES = (
    ("listeners", "*", "tls", "certificate"),
    ("listeners", "*", "tls", "key"),
    ("domains", "*", "recipients"),
    ("routes", "*", "ca_file"),
    ("routes", "*", "auth", "password_file"),
)


def _missing_files(node: Node, folder: Path) -> Iterator[Complaint]:
    for pattern in _FILES:
        for written in _texts(node, *pattern):
            path = folder / written.text
            try:
                is_empty = not files.size(path)
            except (OSError, ValueError) as error:  # ValueError: a NUL in the path
                problem = error.strerror if isinstance(error, OSError) else str(error)
                yield Complaint(written.place, f"{pattern[-1]}: {path} cannot be read: {problem}")
            else:
                if is_empty:
                    yield Complaint(written.place, f"{pattern[-1]}: {path} is empty")


def _impossible_folders(node: Node, folder: Path) -> Iterator[Complaint]:
    """Where the service would make a folder or a file and cannot; what may not be looked at is left to the start."""
    for written in _texts(node, "store", "folder"):
        if problem := _cannot_be(folder / written.text):
            yield Complaint(written.place, f"folder: {problem}")
    for written in _texts(node, "log", "file"):
        file = folder / written.text
        problem = _cannot_be(file.parent)
        try:
            if not problem and file.is_dir():
                problem = f"{file} is a folder: expected a file"
        except (OSError, ValueError):
            continue
        if problem:
            yield Complaint(written.place, f"file: {problem}")


def _cannot_be(wanted: Path) -> str:
    """Why this cannot be a folder, or become one; "" where it can."""
    try:
        if wanted.is_dir():
            return ""
        there = next(path for path in (wanted, *wanted.parents) if path.is_symlink() or path.exists())
        if not there.is_dir():
            return f"{wanted} cannot be a folder: {there} is {'a link to nothing' if there.is_symlink() else 'a file'}"
    except (OSError, ValueError):  # ValueError: a NUL in the path, which the model complains of
        return ""
    if not os.access(there, os.W_OK | os.X_OK, effective_ids=True):
        return (
            f"{wanted} cannot be made: this user may not write in {there}; make it for the service's user, or run this as that user"
        )
    return ""


def _repeated_domains(node: Node) -> Iterator[Complaint]:
    """Domains that are the same once written alike; exact repetitions were refused as YAML."""
    domains = node.get("domains") if isinstance(node, yamlfile.Mapping) else None
    seen: dict[str, yamlfile.Scalar] = {}
    for entry in domains.entries if isinstance(domains, yamlfile.Mapping) else ():
        try:
            name = domain(entry.key.text)
        except ValueError:
            continue  # the model complains of it
        if name in seen:
            text = f"{shown(entry.key.text)} is the same domain as {shown(seen[name].text)} in line {seen[name].place.line}"
            yield Complaint(entry.key.place, f"{text}: keep one of them")
        seen.setdefault(name, entry.key)
