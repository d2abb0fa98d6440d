"""The ciphers of documents that programs open without asking: the only module that knows `cryptography`, loaded when first needed.

Only whole blocks are made; padding is left on. Raises ValueError where a key has a length that the cipher does not know.
"""

from collections.abc import Callable

# Octets of a key that the library takes for RC4; it knows no others.
RC4_KEYS = frozenset((5, 7, 8, 10, 16))
Undoing = Callable[[bytes | memoryview], bytes]  # a cipher being undone piece by piece


def rc4(key: bytes) -> Undoing:
    """RC4, from its beginning on."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher

    return Cipher(ARC4(key), mode=None).decryptor().update


def aes(key: bytes, start: bytes | None) -> Undoing:
    """AES in blocks that are chained from `start` (CBC), or that stand alone where it is None (ECB)."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    mode = modes.ECB() if start is None else modes.CBC(start)
    return Cipher(algorithms.AES(key), mode).decryptor().update


def aes_made(key: bytes, start: bytes, octets: bytes) -> bytes:
    """Octets put into AES (CBC), as some keys are derived."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CBC(start)).encryptor().update(octets)
