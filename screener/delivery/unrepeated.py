"""Whether a next hop's words could repeat what we sent it as user and password. Pure.

Promises that words are called safe only where neither the user, nor four signs in a row of the password or of anything else that
was sent, stand in them, in whatever case; better no words than a password in a log.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator

_RUN = 4  # signs in a row that tell: of what is cut, wrapped or escaped some stay together


def could_repeat(words: str, user: str, password: str, sent: Iterable[bytes]) -> bool:
    """Whether `words` could hold any of it; `sent` is what went out, in Base64."""
    words = words.casefold()
    if user.casefold() in words:
        return True
    return any(run in words for secret in _secrets(user, password, sent) for run in _runs(secret.casefold()))


def _secrets(user: str, password: str, sent: Iterable[bytes]) -> Iterator[str]:
    """All that must not be repeated: without the user, who has names in common with a next hop that may well be named."""
    yield password
    yield _text(b64encode(password.encode()))
    yield _text(b64encode(user.encode()))
    for octets in sent:
        yield _text(octets)
        try:
            decoded = b64decode(octets, validate=True)
        except binascii.Error:
            continue
        yield from _text(decoded.replace(user.encode(), b"\0")).split("\0")  # PLAIN's password, CRAM-MD5's digest


def _runs(secret: str) -> Iterator[str]:
    secret = secret.strip("= ")
    if secret:
        for at in range(max(len(secret) - _RUN, 0) + 1):
            yield secret[at : at + _RUN]


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
