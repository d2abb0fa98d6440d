"""The signatures that stand at fixed places of a file, and what tells those that also begin words (sources: the formats' own
documents and file(1)'s tables).

Promises: looks at a bounded head only; pure, never raises.
"""

import lzma
import re
import zlib

from screener.anatomy.text_types import looks_like_text

# Signatures at offset 0. What comes first is the likelier name; sources: the formats' own documents and file(1)'s tables.
_AT_START: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"%FDF-", "application/vnd.fdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"PK\x07\x08", "application/zip"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"MZ", "application/x-dosexec"),
    (b"ZM", "application/x-dosexec"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"Rar!\x1a\x07", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"ISc(", "application/x-installshield"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    *((bytes((one,)) + b"\x2a\x4d\x18", "application/zstd") for one in range(0x50, 0x60)),  # a frame that is passed over
    (b"\x04\x22\x4d\x18", "application/x-lz4"),
    (b"\x02\x21\x4c\x18", "application/x-lz4"),
    (b"SZDD\x88\xf0\x27\x33", "application/x-ms-compress"),
    (b"KWAJ\x88\xf0\x27\xd1", "application/x-ms-compress"),
    (b"\x89LZO\0\r\n\x1a\n", "application/x-lzop"),
    (b"LZIP", "application/x-lzip"),
    (b"\0\x05\x16\0", "application/applefile"),
    (b"\0\x05\x16\x07", "application/applefile"),
    (b"\x1f\x9d", "application/x-compress"),
    (b"\x1f\xa0", "application/x-compress"),
    (b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (b"{\\rt", "text/rtf"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "application/x-ms-shortcut"),
    (b"ITSF", "application/vnd.ms-htmlhelp"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "application/onenote"),
    (b"\x3f\xdd\x9a\x10\x1b\x91\xf5\x49\xa5\xd0\x17\x91\xed\xc8\xae\xd8", "application/onenote"),
    (b"ActiveMime", "application/x-mso"),
    (b"ID", "text/spreadsheet"),
    (b"!BDN", "application/vnd.ms-outlook-pst"),
    (b"!<arch>\n", "application/x-archive"),
    (b"\xed\xab\xee\xdb", "application/x-rpm"),
    (b"xar!", "application/x-xar"),
    (b"conectix", "application/x-vhd"),
    (b"vhdxfile", "application/x-vhdx"),
    (b"KDMV", "application/x-vmdk"),
    (b"QFI\xfb", "application/x-qemu-disk"),
    (b"hsqs", "application/x-squashfs-image"),
    (b"sqsh", "application/x-squashfs-image"),
    (b"\x45\x3d\xcd\x28", "application/x-cramfs-image"),
    (b"\x28\xcd\x3d\x45", "application/x-cramfs-image"),
    (b"MSWIM\0\0\0", "application/x-ms-wim"),
    (b"FWS", "application/x-shockwave-flash"),
    (b"CWS", "application/x-shockwave-flash"),
    (b"ZWS", "application/x-shockwave-flash"),
    (b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (b"\x01\0\0\0", "image/emf"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"%!PS", "application/postscript"),
    (b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"fLaC", "audio/flac"),
    (b"MThd", "audio/midi"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "video/x-ms-asf"),
    (b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"dex\n", "application/x-dex"),
    (b"regf", "application/x-registry-hive"),
    (b"REGEDIT4", "text/x-ms-regedit"),
    (b"-----BEGIN PGP", "application/pgp"),
    (b"\0asm", "application/wasm"),
    (b"\x09\x00\x04\x00", "application/vnd.ms-excel"),
    (b"\x09\x02\x06\x00", "application/vnd.ms-excel"),
    (b"\x09\x04\x06\x00", "application/vnd.ms-excel"),
    (b"\x09\x08\x08\x00\x00\x05", "application/vnd.ms-excel"),
    (b"\x09\x08\x08\x00\x00\x00\x10\x00", "application/vnd.ms-excel"),  # as a script that many sites use writes it
    (b"\x09\x08\x08\x00\x00\x00\x40\x00", "application/vnd.ms-excel"),
    (b"\x09\x08\x10\x00\x00\x06\x05\x00", "application/vnd.ms-excel"),
    (b"\xdb\xa5", "application/msword"),
    (b"\xfe\x37\0\x1c", "application/msword"),
    (b"\x31\xbe\0\0\0\xab", "application/x-mswrite"),
    (b"\xffWPC", "application/vnd.wordperfect"),
    (b"**ACE**", "application/x-ace"),
    (b"\x60\xea", "application/x-arj"),
    (b"UC2\x1a", "application/x-uc2"),
    (b"ALZ\x01", "application/x-alz-compressed"),
    (b"EGGA\0\1", "application/x-egg"),
    (b"ArC\x01", "application/x-freearc"),
    (b"7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3", "application/x-zpaq"),
    (b"\0" + b"\xff" * 10 + b"\0", "application/x-cd-image"),  # whole sectors (ECMA-130 14): .bin, .mdf
    (b"DAA\0\0\0\0\0", "application/x-cd-image"),
    (b"IsZ!", "application/x-cd-image"),
    (b"SIT!", "application/x-stuffit"),
    (b"StuffIt (c)", "application/x-stuffit"),
    (b"070701", "application/x-cpio"),
    (b"070702", "application/x-cpio"),
    (b"070707", "application/x-cpio"),
    (b"\xc7\x71", "application/x-cpio"),
    (b"#!", "text/x-script"),
)  # fmt: skip
_BY_FIRST: dict[int, list[tuple[bytes, str]]] = {}
for _mark, _type in _AT_START:
    _BY_FIRST.setdefault(_mark[0], []).append((_mark, _type))
# Elsewhere at a fixed offset.
_AT_OFFSET: tuple[tuple[int, bytes, str], ...] = (
    (257, b"ustar", "application/x-tar"),
    (32769, b"CD001", "application/x-iso9660-image"),
    (34817, b"CD001", "application/x-iso9660-image"),
    (32769, b"BEA01", "application/x-udf-image"),
    (32769, b"NSR0", "application/x-udf-image"),
    (7, b"**ACE**", "application/x-ace"),
    (4, b"ftyp", "video/mp4"),
    (510, b"\x55\xaa", "application/x-disk-image"),
    (20, b"\xdc\xa7\xc4\xfd", "application/x-zoo"),
    (32, b"NXSB", "application/x-apfs-image"),
    (64, b"\x7f\x10\xda\xbe", "application/x-vdi"),
    (1024, b"H+\0\4", "application/x-hfs-image"),
    (1024, b"HX\0\5", "application/x-hfs-image"),
    (1080, b"\x53\xef", "application/x-ext-image"),
)
# Whether any of them stands there: hardly any file has one.
_ELSEWHERE = re.compile(b"|".join(b".{%d}%s" % (offset, re.escape(mark)) for offset, mark, _ in _AT_OFFSET), re.DOTALL)
_NSR_AT, _SECTOR = 34_817, 2_048


def at_fixed_places(head: bytes) -> dict[str, None]:
    """Every type whose signature stands where it must; `head`, the first octets, is not empty."""
    found: dict[str, None] = {}
    for mark, name in _BY_FIRST.get(head[0], ()):
        if head.startswith(mark) and _confirmed(name, head):
            found.setdefault(name)
    if head.startswith(b"RIFF"):
        found.setdefault(_RIFF.get(head[8:12], "application/x-riff"))
    for offset, mark, name in _AT_OFFSET if _ELSEWHERE.match(head) is not None else ():
        if head.startswith(mark, offset) and _confirmed(name, head):
            found.setdefault(name)
    if "application/x-iso9660-image" in found:
        found.pop("application/x-udf-image", None)  # opened as either it shows both
    elif len(head) > _NSR_AT and any(head.startswith(b"NSR0", at) for at in range(_NSR_AT, len(head), _SECTOR)):
        found.setdefault("application/x-udf-image")
    if head[0] & 0x8F == 8 and _is_zlib(head):
        found.setdefault("application/zlib")
    if len(head) > 14:
        if head[13] == 0 and _is_lzma(head):
            found.setdefault("application/x-lzma")
        if head[6] == 0x2D and head[2:5] in _LZH:
            found.setdefault("application/x-lzh")
        if len(head) >= 512 and head[155] < 0x38 and is_tar(head):  # a digit, a blank or NUL ends its checksum
            found.setdefault("application/x-tar")
    return found


def _is_disk(head: bytes) -> bool:
    """Whether a sector with a boot signature is one: it begins with a jump, or its table of partitions may be one."""
    if head[0] in (0xEB, 0xE9):
        return True
    return _PARTITIONS.fullmatch(head, 446, 510) is not None and any(head[at] for at in range(450, 510, 16))


_LZH = (b"-lh", b"-lz", b"-pm")
_TRIED = 4_096  # octets, packed and unpacked, of what has no signature and is tried
_DICTIONARIES = frozenset((1, 0xFFFFFFFF, *(factor << shift for factor in (2, 3) for shift in range(31))))
_CHECKSUM = re.compile(rb"[ \0]{0,7}([0-7]{1,7})[ \0]{0,7}")


def _is_lzma(head: bytes) -> bool:
    """Whether octets are LZMA alone: parameters, dictionary and size that may be, as 7-Zip looks at them; then by trial."""
    size = int.from_bytes(head[5:13], "little")
    if head[0] >= 225 or (size >> 40 and size != 2**64 - 1) or int.from_bytes(head[1:5], "little") not in _DICTIONARIES:
        return False
    if head[0] % 9 + head[0] // 9 % 5 > 4:  # more context than the library takes: nothing to try, so it must be sure
        return size == 2**64 - 1
    try:
        small = head[:1] + b"\0\0\1\0" + head[5:_TRIED]  # a dictionary of 64 KiB is enough for a trial
        return bool(lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(small, _TRIED))
    except lzma.LZMAError:
        return False


def _is_zlib(head: bytes) -> bool:
    """Whether octets are a zlib stream (RFC 1950 2.2): its check on two octets, then by trial."""
    if (head[0] << 8 | head[1]) % 31 if len(head) > 1 else True:
        return False
    stream = zlib.decompressobj()
    try:
        return len(stream.decompress(head[:_TRIED], _TRIED)) >= _TRIED // 16 or stream.eof
    except zlib.error:
        return False


def is_tar(head: bytes) -> bool:
    """Whether octets begin with a header of tar, old ones without "ustar" too: by its checksum (POSIX pax, ustar format)."""
    match = _CHECKSUM.fullmatch(head, 148, 156)
    if match is None or len(head) < 512 or not head[0]:
        return False
    return int(match[1], 8) == sum(head[:148]) + 8 * 0x20 + sum(head[156:512])


def next_tar(octets: bytes, at: int) -> int:
    """The offset of the next header of tar at a whole number of blocks from `at`, -1 where there is none."""
    return next((one for one in range(at, len(octets) - 511, 512) if octets[one] and is_tar(octets[one : one + 512])), -1)


_CPIO = re.compile(rb"0707(?:07[0-7]{70}|0[12][0-9A-Fa-f]{104})")  # numbers of 6 or 11 octal, or of 8 hexadecimal digits
_ARJ_HEADER = 2_600  # octets at most
_REVISIONS = (b"\0\0\0\0", b"\1\0\0\0")
_INTERPRETER = re.compile(
    rb"#![ \t]*+(?:\S*/|(?:env|perl|python|ruby|node|[a-z]{0,4}sh|php|lua|pwsh|powershell|wish|awk)[0-9.]*+\s)"
)
_PARTITIONS = re.compile(rb"(?:[\0\x80].{15}){4}", re.DOTALL)
_SYLK = re.compile(rb"ID(?:;[ \t]*+(?:P[^;\r\n]*+|\x1b[^;\r\n]*+|[NE])?[ \t]*+)*[\r\n]")  # its fields in any order
_SYLK_LINE = re.compile(rb"[\r\n](?:NN|NE|NU|[BCEFOPW])(?:[;\r\n]|\Z)")
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo", b"ACON": "image/x-ani"}


def _confirmed(name: str, head: bytes) -> bool:
    """Marks that also begin words: looked at more closely."""
    match name:
        case "application/x-cpio":
            return head[0] == 0xC7 or _CPIO.match(head) is not None
        case "application/x-ace" | "application/x-xar" | "application/x-vhd" | "application/x-vmdk" | "application/vnd.ms-htmlhelp":
            return not looks_like_text(head[:256])
        case "application/x-squashfs-image" | "application/x-apfs-image":
            return not looks_like_text(head[:64])
        case "application/x-ext-image":  # block size, state and revision of its superblock
            return head[1100:1104] in _REVISIONS and head[1048] <= 6 and head[1049:1052] == bytes(3) and head[1082] < 8
        case "application/x-lzip" | "application/x-dex":
            return not looks_like_text(head[:16])
        case "application/x-disk-image":
            return _is_disk(head)
        case "text/x-script":
            return _INTERPRETER.match(head) is not None
        case "image/bmp":
            return len(head) >= 18 and head[6:10] == b"\0\0\0\0" and head[14] in (12, 40, 52, 56, 64, 108, 124)
        case "application/x-dosexec":
            return not looks_like_text(head[:256]) or is_program(head, 0)
        case "application/x-arj":
            return int.from_bytes(head[2:4], "little") <= _ARJ_HEADER and not looks_like_text(head[:64])
        case "application/x-compress" | "application/gzip":
            return len(head) > 2 and (name != "application/gzip" or head[2] == 8 or len(head) < 10)
        case "application/x-stuffit":
            return head[10:14] == b"rLau" or head.startswith(b"StuffIt (c)")
        case "text/spreadsheet":  # SYLK; the lines behind tell it from a table whose first column is called "ID"
            return _SYLK.match(head) is not None and _SYLK_LINE.search(head) is not None
        case "image/emf":
            return head[40:44] == b" EMF"
        case "application/x-bzip2":
            return head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")
        case "application/x-shockwave-flash":
            return len(head) > 8 and head[3] < 64 and not looks_like_text(head[:256])
        case _:
            return True


def is_program(head: bytes, at: int) -> bool:
    """Whether what stands at an offset points at a program's header (PE format, MS-DOS stub)."""
    offset = at + int.from_bytes(head[at + 60 : at + 64], "little")
    return head[offset : offset + 2] in (b"PE", b"NE", b"LE", b"LX") and offset < at + 65536
