"""Two other parsers over the whole corpus: every name, file and text that either finds is in our union.

Files are compared octet for octet; texts whole but for white space, and word for word in all scripts; of pages every text between
two tags, as the standard library parses them. Where an oracle itself gives U+FFFD for what it cannot decode, what
stands between is compared. Where one is wrong, `differential.tsv` beside this file says of each thing why; an entry that no longer
makes a difference fails the test.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from typing import Any

import pytest
from fakes.corpus import Specimen, specimens
from fakes.differences import explained, mark
from fakes.oracles import ORACLES, Oracle, nodes

from screener.anatomy.message import Anatomy
from screener.anatomy.names import forms
from screener.anatomy.text import normalise, without_strays

_WORD = re.compile(r"\w+")
_SURE_WORD = re.compile(r"(?<![\w\ufffd])\w+(?![\w\ufffd])")
_EMPTY = hashlib.sha256(b"").hexdigest()


class Ours:
    """What we see of a message, in the forms in which rules look at it."""

    def __init__(self, specimen: Specimen) -> None:
        self.path = specimen.path
        self.content = specimen.wire()
        anatomy = Anatomy(self.content)
        self.raw = [*(text.text for text in (*anatomy.texts, *anatomy.attachment_texts)), *anatomy.subjects]
        self.files = {attachment.sha256 for attachment in anatomy.attachments} | {_EMPTY}
        self.names = {plain(name) for attachment in anatomy.attachments for name in attachment.names}

    @cached_property
    def known(self) -> set[str]:
        """The texts as they are."""
        return set(self.raw)

    @cached_property
    def normalised(self) -> list[str]:
        """As words are looked for in them."""
        return [without_strays(normalise(text)) for text in self.raw]

    @cached_property
    def joined(self) -> list[str]:
        """The texts, white space aside."""
        return ["".join(text.split()) for text in dict.fromkeys((*self.raw, *self.normalised))]

    @cached_property
    def words(self) -> set[str]:
        """All words."""
        return {word.lower() for text in (*self.raw, *self.normalised) for word in _WORD.findall(text)}

    def has_name(self, name: str) -> bool:
        """Whether a file is called so."""
        if "\ufffd" in name:
            pattern = re.compile(".+".join(re.escape(plain(piece)) for piece in re.split("\ufffd+", name)))
            return any(pattern.fullmatch(one) for one in self.names)
        return not self.names.isdisjoint({plain(name), *map(plain, forms([name], 8))})

    def has_text(self, text: str) -> bool:
        """Whether it stands whole in one of the texts, and each of its words among all."""
        return text in self.known or (self.has_node(text) and {word.lower() for word in _SURE_WORD.findall(text)} <= self.words)

    def has_node(self, text: str) -> bool:
        """Whether it stands whole in one of the texts; a word may go on behind it."""
        return text in self.known or all(
            any(piece in one for one in self.joined) for piece in "".join(text.split()).split("\ufffd") if piece
        )


def plain(name: str) -> str:
    """Without blanks and compatibility forms: folding and decoding of blanks differ between parsers without meaning anything."""
    return "".join(unicodedata.normalize("NFKC", name).split())


@cache
def corpus() -> tuple[Ours, ...]:
    """Every message as we see it, made once for all comparisons."""
    return tuple(map(Ours, specimens()))


def between_tags(oracle: Oracle, content: bytes) -> Iterator[str]:
    """All texts between the tags of all pages."""
    for page in oracle.pages(content):
        yield from nodes(page)


def has_file(ours: Ours, octets: bytes) -> bool:
    """Whether there is a file of these octets."""
    return hashlib.sha256(octets).hexdigest() in ours.files


# What is compared: what an oracle finds, whether it is ours, and how many of them there are at least.
_KINDS: dict[str, tuple[Callable[[Oracle, bytes], Iterable[Any]], Callable[[Ours, Any], bool], int]] = {
    "names": (lambda oracle, content: oracle.names(content), Ours.has_name, 500),
    "files": (lambda oracle, content: oracle.files(content), has_file, 500),
    "texts": (lambda oracle, content: oracle.texts(content), Ours.has_text, 5_000),
    "nodes": (between_tags, Ours.has_node, 150_000),
}


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("kind", _KINDS)
def test_everything_an_oracle_finds_is_ours(oracle: str, kind: str) -> None:
    find, has, least = _KINDS[kind]
    compared = 0
    missed: dict[tuple[str, str], object] = {}
    for ours in corpus():
        for found in find(ORACLES[oracle], ours.content):
            compared += 1
            if not has(ours, found):
                missed[ours.path, mark(found)] = found
    assert compared >= least
    assert set(missed) == explained(oracle, kind), {key: missed.get(key) for key in set(missed) ^ explained(oracle, kind)}
