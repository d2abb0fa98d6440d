"""From YAML nodes to checked values: pydantic models filled from a file, and its errors in our words.

Promises all complaints of a file at once, each at its place, none that only follows from another. A key with nothing behind it
counts as not set. What the values mean, and what they mean together, is left to the models and their owner (`config`).
"""

import re
import typing
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from screener import yamlfile
from screener.yamlfile import Complaint, Complaints, Node, Plain

M = TypeVar("M", bound=BaseModel)

Location = tuple[str | int, ...]


def validated(model: type[M], node: Node) -> M:
    """The model with the node's values; raises Complaints."""
    if not isinstance(node, yamlfile.Mapping):
        raise Complaints([Complaint(node.place, "expected settings as `key: value`, found something else")])
    try:
        return model.model_validate(_plain(node, model))
    except ValidationError as error:
        errors = error.errors(include_url=False)
        unknown = [_unknown(one["loc"], model, node) for one in errors if one["type"] == "extra_forbidden"]
        missed = {meant for _, meant in unknown}  # a misspelt key is not also a missing one
        others = [one for one in errors if one["type"] != "extra_forbidden" and one["loc"] not in missed]
        raise Complaints([complaint for complaint, _ in unknown] + [_complaint(one, node) for one in others]) from error


def text_of(value: object) -> str:
    """A value as its text; raises ValueError for a list, a group or nothing, before any other reading is tried."""
    if value is None:
        raise ValueError("nothing is written here")
    if isinstance(value, list | dict):
        raise ValueError(f"expected one value, found a {'list' if isinstance(value, list) else 'group of settings'}")
    return str(value)


def shown(value: object) -> str:
    """A value in a complaint: short, printable, quoted."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _plain(node: Node, shape: object) -> Plain:
    """The node for pydantic: keys that are not set left out of groups, but kept in tables, where each is a name of its own."""
    if isinstance(node, yamlfile.Sequence):
        return [_plain(one, _inner(shape)) for one in node.items]
    if not isinstance(node, yamlfile.Mapping):
        return yamlfile.plain(node)
    model = _group(shape)
    if model is None:
        return {entry.key.text: {} if _is_empty(entry.value) else _plain(entry.value, _inner(shape)) for entry in node.entries}
    fields = model.model_fields
    return {
        entry.key.text: _plain(entry.value, fields[entry.key.text].annotation if entry.key.text in fields else None)
        for entry in node.entries
        if not _is_empty(entry.value) or entry.key.text not in fields
    }


def _is_empty(node: Node) -> bool:
    return isinstance(node, yamlfile.Scalar) and node.is_empty


def _group(shape: object) -> type[BaseModel] | None:
    """The group of settings a value of this type is: `Group` or `Group | None`; None for tables, lists and plain values."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return shape
    if typing.get_origin(shape) in (tuple, list, dict, None):
        return None
    return next((group for one in typing.get_args(shape) if (group := _group(one)) is not None), None)


def _inner(shape: object) -> object:
    """The type of what a list, or a table, holds."""
    if typing.get_origin(shape) is typing.Annotated:
        return _inner(typing.get_args(shape)[0])
    arguments = typing.get_args(shape)
    match typing.get_origin(shape):
        case origin if origin in (tuple, list) and arguments:
            return arguments[0]
        case origin if origin is dict:
            return arguments[1]
    return None


def _unknown(location: Location, model: type[BaseModel], node: Node) -> tuple[Complaint, Location]:
    """The complaint about a key that is not known, and the location of the one that seems to be meant."""
    key = str(location[-1])
    group = _group_at(location[:-1], model)
    known = list(group.model_fields) if group is not None else []
    hint = yamlfile.did_you_mean(key[:100], known)
    meant = re.fullmatch(r", did you mean '(.*)'\?", hint)
    if meant is None and (home := _home(key, model)):
        hint = f": it belongs under `{home}`"
    place = yamlfile.place_of(node, location, key=True)
    return Complaint(place, f"unknown setting {shown(key)}{hint}"), (*location[:-1], meant[1] if meant else "")


def _group_at(location: Location, model: type[BaseModel]) -> type[BaseModel] | None:
    """The group of settings at this place of the file."""
    shape: object = model
    for step in location:
        group = _group(shape)
        shape = _inner(shape) if group is None else group.model_fields[str(step)].annotation
    return _group(shape)


def _home(key: str, model: type[BaseModel]) -> str:
    """Under which one group of the whole file a key is known; "" where it is none or more than one."""
    homes = [path for path, group in _groups(model, ()) if path and key in group.model_fields]
    return ".".join(homes[0]) if len(homes) == 1 else ""


def _groups(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    yield path, model
    for name, about in model.model_fields.items():
        group = _group(about.annotation) or _group(_inner(about.annotation))
        if group is not None:
            yield from _groups(group, (*path, name))


def _complaint(error: ErrorDetails, node: Node) -> Complaint:
    """One pydantic error at its place, in our words."""
    location = error["loc"]
    if error["type"] == "missing":
        return Complaint(yamlfile.place_of(node, location[:-1]), f"setting '{location[-1]}' is missing here")
    is_key = "[key]" in location
    path = ".".join(str(step) for step in location if isinstance(step, str) and step != "[key]")
    text = _text(error)
    return Complaint(yamlfile.place_of(node, location, key=is_key), f"{path}: {text}" if path else text)


def _text(error: ErrorDetails) -> str:
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            known = re.findall(r"'([^']+)'", str(context["expected"]))
            near = yamlfile.did_you_mean(given[:100], known) if isinstance(given, str) else ""
            return f"{shown(given)} is not possible here: expected {context['expected']}{near if near.endswith('?') else ''}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "expected settings as `key: value` below this"
        case "tuple_type" | "list_type":
            return "expected a list: `- value` lines, or [value, value]"
        case "string_type":
            return f"expected one value, found a {'list' if isinstance(given, list) else 'group of settings'}"
        case "bool_parsing" | "bool_type":
            return f"{shown(given)} is neither true nor false"
        case "int_parsing_size":
            return f"{shown(given)} is too large"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{shown(given)} is no whole number: expected one such as 20"
        case "greater_than_equal":
            return f"{shown(given)} is too small: expected at least {context['ge']}"
        case "less_than_equal":
            return f"{shown(given)} is too large: expected at most {context['le']}"
        case _:
            return f"{shown(given)}: {error['msg'][:1].lower()}{error['msg'][1:]}"
