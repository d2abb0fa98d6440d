"""SMTP replies with their enhanced status codes (RFC 5321 4.2, RFC 2034, RFC 3463)."""

from functools import lru_cache

from screener.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of one or more lines. `enhanced` is "" only for the greeting, EHLO and 354 (RFC 2034 section 4)."""

    code: int
    enhanced: str
    text: str  # printable ASCII; lines parted by "\\n"

    @property
    def is_completion(self) -> bool:
        """2yz: done (RFC 5321 4.2.1)."""
        return 200 <= self.code < 300

    @property
    def is_transient(self) -> bool:
        """4yz: try again later."""
        return 400 <= self.code < 500

    @property
    def is_permanent(self) -> bool:
        """5yz."""
        return self.code >= 500

    def lines(self) -> tuple[str, ...]:
        """The lines of the wire, without CRLF."""
        return _lines(self)

    def octets(self) -> bytes:
        """The reply as it goes over the wire. Whatever is not printable ASCII in it, a CR above all, goes as "?"."""
        text = self.text
        if text.isascii() and text.isprintable():
            return f"{self.code} {self.enhanced} {text}\r\n".encode() if self.enhanced else f"{self.code} {text}\r\n".encode()
        return _octets(self)

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text.replace("\n", " ")) if part)


@lru_cache(maxsize=256)
def _lines(reply: Reply) -> tuple[str, ...]:
    texts = reply.text.split("\n")
    prefix = f"{reply.enhanced} " if reply.enhanced else ""
    last = len(texts) - 1
    return tuple(f"{reply.code}{' ' if at == last else '-'}{prefix}{text}" for at, text in enumerate(texts))


@lru_cache(maxsize=256)
def _octets(reply: Reply) -> bytes:
    return "".join(f"{_printable(line)}\r\n" for line in _lines(reply)).encode("ascii")


def _printable(line: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in line)
