"""Lists in files: one entry a line, with blanks and comments around it."""

from typing import NamedTuple

from screener.yamlfile import Place, decoded


class Entry(NamedTuple):
    """One entry of a list, in a rule or in a file."""

    text: str
    origin: str  # as evidence names it: "lists/words.txt:12", "rules/30-words.yaml:7"
    path: str
    line: int
    column: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.path, self.line, self.column)


def entries(octets: bytes, path: str, name: str) -> tuple[Entry, ...]:
    """The entries of a file that is shown as `path` and named `name` by rules; raises Complaints where it is not UTF-8."""
    text = decoded(octets, path)
    found = []
    for number, written in enumerate(text.split("\n"), start=1):
        entry = without_comment(written) if "#" in written else written.strip()
        if entry:
            found.append(Entry(entry, f"{name}:{number}", path, number, written.index(entry[0]) + 1))
    return tuple(found)


def without_comment(line: str) -> str:
    """One line of a list without blanks and comments: from a `#` at the start, or a `#` with a blank on both sides."""
    if line.lstrip().startswith("#"):
        return ""
    return line[: _comment_start(line)].strip() if "#" in line.split() else line.strip()


def _comment_start(line: str) -> int:
    at = line.find("#")
    while at != -1:
        if line[at - 1].isspace() and (at + 1 == len(line) or line[at + 1].isspace()):
            return at
        at = line.find("#", at + 1)
    return len(line)
