"""Office documents encrypted with a password, laid out by hand; the ciphers are msoffcrypto's, not those of the code under test.

Each says "nightjar" and has macros: of an old document only where they stand in what is encrypted.
"""

import io
import random
import struct
from collections.abc import Callable
from hashlib import md5, sha1

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from fakes.compound_files import compound
from fakes.evasions import containers
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method.ecma376_standard import ECMA376Standard
from msoffcrypto.method.rc4 import DocumentRC4
from msoffcrypto.method.rc4_cryptoapi import DocumentRC4CryptoAPI
from msoffcrypto.method.xor_obfuscation import DocumentXOR

WORD = "nightjar"
_SALT, _VERIFIER = bytes(range(16)), bytes(range(50, 66))
_TEXT = f"<w:document><w:body><w:p><w:r><w:t>{WORD}</w:t></w:r></w:p></w:body></w:document>".encode()
PLAIN = containers.document(
    ("word/vbaProject.bin", containers.ole(("VBA", b"x"))),
    ("word/comments.xml", _TEXT),
    ("word/media/a.png", random.Random(1).randbytes(6_000)),  # msoffcrypto writes long streams only
)

Undo = Callable[[bytes, int, int], bytes]  # octets, octets of a block, the first block


def agile(password: str) -> bytes:
    """As Office 2010 and later encrypt."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(PLAIN)).encrypt(password, out)
    return out.getvalue()


def standard(password: str) -> bytes:
    """As Office 2007 encrypts (MS-OFFCRYPTO 2.3.4.5)."""
    key = ECMA376Standard.makekey_from_password(password, 0x660E, 0x8004, 0x18, 128, 16, _SALT)

    def made(octets: bytes) -> bytes:
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(octets.ljust(-(-len(octets) // 16) * 16, b"\0"))

    header = struct.pack("<8L", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + "RSA and AES\0".encode("utf-16-le")
    verifier = struct.pack("<L", 16) + _SALT + made(_VERIFIER) + struct.pack("<L", 20) + made(sha1(_VERIFIER).digest())
    info = struct.pack("<HHLL", 3, 2, 0x24, len(header)) + header + verifier
    return compound({"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", len(PLAIN)) + made(PLAIN)})


def _rc4(password: str) -> tuple[bytes, Undo]:
    def undo(octets: bytes, size: int, _block: int = 0) -> bytes:
        return bytes(DocumentRC4.decrypt(password, _SALT, io.BytesIO(octets), size).read())

    return struct.pack("<HH", 1, 1) + _SALT + undo(_VERIFIER + md5(_VERIFIER).digest(), 512), undo


def _crypto_api(password: str) -> tuple[bytes, Undo]:
    def undo(octets: bytes, size: int, block: int = 0) -> bytes:
        return bytes(DocumentRC4CryptoAPI.decrypt(password, _SALT, 128, io.BytesIO(octets), size, block).read())

    header = struct.pack("<8L", 4, 0, 0x6801, 0x8004, 128, 1, 0, 0) + "\0".encode("utf-16-le")
    sealed = undo(_VERIFIER + sha1(_VERIFIER).digest(), 512)
    verifier = struct.pack("<L", 16) + _SALT + sealed[:16] + struct.pack("<L", 20) + sealed[16:]
    return struct.pack("<HHLL", 2, 2, 4, len(header)) + header + verifier, undo


def _record(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value


def _book(file_pass: bytes, before: bytes = b"") -> tuple[bytes, bytes]:
    """A workbook with a macro sheet before it is encrypted, and what of it is never encrypted as ones."""
    label = struct.pack("<3H", 0, 0, 0) + struct.pack("<HB", len(WORD), 0) + WORD.encode()
    records = (
        _record(0x809, struct.pack("<HH", 0x600, 5) + bytes(12)),
        before,
        _record(0x2F, file_pass),
        _record(0x85, struct.pack("<LBB", 0, 0, 1) + b"\1\0A"),
        _record(0x3C, bytes(2000)),
        _record(0x204, label),
        _record(0x0A, b""),
    )
    open_octets = (20, len(before), 4 + len(file_pass), 8, 4, 4, 4)
    mask = b"".join(b"\1" * count + bytes(len(one) - count) for one, count in zip(records, open_octets, strict=True))
    return b"".join(records), mask


def _masked(plain: bytes, sealed: bytes, mask: bytes) -> bytes:
    return bytes(one if kept else other for one, other, kept in zip(plain, sealed, mask, strict=True))


def book(password: str, way: Callable[[str], tuple[bytes, Undo]] = _rc4, before: bytes = b"") -> bytes:
    """A workbook up to Excel 2003 (MS-XLS 2.2.10); `before`: records that stand before that of encryption."""
    header, undo = way(password)
    plain, mask = _book(b"\1\0" + header, before)
    return compound({"Workbook": _masked(plain, undo(plain, 1024, 0), mask)})


def book_2002(password: str) -> bytes:
    """A workbook by Excel 2002."""
    return book(password, _crypto_api)


def book_95(password: str) -> bytes:
    """A workbook with XOR, which is weaker than it is odd (MS-OFFCRYPTO 2.3.7.2)."""
    letters = DocumentXOR.create_xor_array_method1(password)
    verifier = next(one for one in range(65536) if DocumentXOR.verifypw(password, one))
    plain, mask = _book(struct.pack("<3H", 0, DocumentXOR.create_xor_key_method1(password), verifier))
    sealed = bytearray()
    while len(sealed) < len(plain):
        (size,) = struct.unpack_from("<H", plain, len(sealed) + 2)
        start = len(sealed) + 4
        sealed += bytes(4)
        for at in range(start, start + size):
            sealed.append(DocumentXOR.rol(plain[at], 5, 8) ^ letters[(at + size) % 16])
    return compound({"Workbook": _masked(plain, bytes(sealed), mask)})


def letter(password: str, way: Callable[[str], tuple[bytes, Undo]] = _rc4) -> bytes:
    """A Word document up to Word 2003 (MS-DOC 2.2.6.2); its macros are never encrypted."""
    header, undo = way(password)
    stream = struct.pack("<HH6xH2xL", 0xA5EC, 0xC1, 0x300, len(header)).ljust(0x1AA, b"\0")
    pieces = struct.pack("<LL", 0, len(WORD)) + struct.pack("<HLH", 0, 2 * len(stream) | 0x40000000, 0)
    clx = b"\2" + struct.pack("<L", len(pieces)) + pieces
    stream = stream[:0x1A2] + struct.pack("<LL", len(header), len(clx)) + stream[0x1AA:] + WORD.encode()
    table = header + undo(header + clx, 512, 0)[len(header) :]
    streams = {"WordDocument": stream[:68] + undo(stream, 512, 0)[68:], "1Table": table, "Macros/VBA/_VBA_PROJECT": b"\xcc\x61"}
    return compound(streams)


def letter_2002(password: str) -> bytes:
    """A document by Word 2002."""
    return letter(password, _crypto_api)


def slides(password: str) -> bytes:
    """A presentation up to PowerPoint 2003 (MS-PPT 2.3.7)."""
    header, undo = _crypto_api(password)
    said = struct.pack("<HHL", 0, 0x0FA0, 2 * len(WORD)) + WORD.encode("utf-16-le")
    macros = b"\x02\x00\x00\x04\x0c\x00\x00\x00" + struct.pack("<3L", 0, 1, 2)
    document = struct.pack("<HHL", 15, 0x03E8, len(said + macros)) + said + macros
    session = struct.pack("<HHL", 15, 0x2F14, len(header)) + header
    places = struct.pack("<3L", 2 << 20 | 1, 0, len(document))
    directory = struct.pack("<HHL", 0, 0x1772, len(places)) + places
    edit = struct.pack("<HHL", 0, 0x0FF5, 32) + struct.pack("<LHBBLLLLHHL", 0, 0, 0, 3, 0, len(document + session), 1, 2, 1, 0, 2)
    stream = undo(document, 1 << 20, 1) + session + directory + edit
    user = struct.pack("<HHL", 0, 0x0FF6, 24) + struct.pack("<L", 0x14) + b"\xdf\xc4\xd1\xf3"
    user += struct.pack("<LHHBBH", len(stream) - len(edit), 0, 0x3F4, 3, 0, 0) + struct.pack("<L", 8)
    return compound({"PowerPoint Document": stream, "Current User": user, "EncryptedSummary": b"x"})


WAYS: dict[str, Callable[[str], bytes]] = {
    "agile.docx": agile,
    "standard.docx": standard,
    "rc4.xls": book,
    "crypto-api.xls": book_2002,
    "xor.xls": book_95,
    "rc4.doc": letter,
    "crypto-api.doc": letter_2002,
    "crypto-api.ppt": slides,
}
