"""What charsets are called, and which of Python's codecs readers take for them.

No codec is looked up that is not on the list: Python's look-up imports modules by hostile names and keeps every unknown one for
ever, and punycode is quadratic.
"""

import encodings.aliases
import re

_NOT_CHARSETS = {
    "base64_codec", "bz2_codec", "hex_codec", "idna", "mbcs", "oem", "palmos", "punycode", "quopri_codec", "raw_unicode_escape",
    "rot_13", "undefined", "unicode_escape", "uu_codec", "zlib_codec",
}  # fmt: skip
# Readers take the wider Windows charset where its little brother is declared (WHATWG Encoding 4.2).
_WIDER = {
    "ascii": "cp1252", "latin_1": "cp1252", "iso8859_1": "cp1252", "iso8859_9": "cp1254", "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "tis_620": "cp874", "iso8859_11": "cp874", "big5": "big5hkscs",
}  # fmt: skip
_MORE = {
    "unicode_1_1_utf_7": "utf_7", "x_unicode_2_0_utf_7": "utf_7", "unicode_2_0_utf_7": "utf_7", "csunicode11utf7": "utf_7",
    "cp65000": "utf_7", "65000": "utf_7", "unicode": "utf_16", "ucs_2": "utf_16",
    "iso_10646_ucs_2": "utf_16",
    "ks_c_5601_1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "x_sjis": "cp932", "x_gbk": "gb18030", "cn_gb": "gb18030",
    "cn_big5": "big5hkscs", "x_x_big5": "big5hkscs", "windows_949": "cp949",
    "x_euc_jp": "euc_jp",
    "iso_8859_8_i": "iso8859_8", "iso_8859_8_e": "iso8859_8", "x_mac_roman": "mac_roman", "macintosh": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic", "dos_874": "cp874", "x_cp1250": "cp1250", "x_cp1251": "cp1251", "x_cp1252": "cp1252",
    "utf8mb4": "utf_8", "utf8": "utf_8", "iso_2022_jp_ms": "iso2022_jp_ext",
    "x_big5": "big5hkscs", "iso_8859_1_windows_3.1_latin_1": "cp1252",
}  # fmt: skip

# What browsers (WHATWG Encoding 4.2) and Windows (its code pages) know beside Python's names, and what other mailers write.
_LABELS = {
    "ascii": "x-user-defined x-ia5",
    "utf_8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf_7": "x-utf-7 imap4-utf-7",
    "utf_16": "csunicode unicodefeff",
    "utf_16_be": "unicodefffe",
    "cp866": "csibm866 dos-866",
    "iso8859_6": "iso-8859-6-e iso-8859-6-i csiso88596e csiso88596i asmo-708 ecma-114",
    "iso8859_7": "sun_eu_greek",
    "iso8859_8": "csiso88598e csiso88598i visual logical x-mac-hebrew",
    "iso8859_15": "csisolatin9 l9 latin9 latin-9",
    "koi8_r": "koi koi8 cskoi8r",
    "koi8_u": "koi8-u koi8-ru",
    "mac_roman": "mac csmacintosh",
    "mac_cyrillic": "x-mac-ukrainian",
    "mac_greek": "x-mac-greek",
    "mac_turkish": "x-mac-turkish",
    "mac_latin2": "x-mac-ce x-mac-centraleurroman",
    "mac_croatian": "x-mac-croatian",
    "mac_romanian": "x-mac-romanian",
    "mac_iceland": "x-mac-icelandic",
    "mac_arabic": "x-mac-arabic",
    "cp874": "x-mac-thai",
    "gb18030": "csgb2312 gb_2312 gb_2312-80 gb-18030 gb12345 euc-cn x-euc-cn windows-936 cp936 ms936 x-cp20936 x-mac-chinesesimp",
    "big5": "csbig5 windows-950 x-windows-950 cp950 ms950 big5-eten x-chinese-eten x-mac-chinesetrad",
    "euc_jp": "cseucpkdfmtjapanese euc-j",
    "cp932": "csshiftjis windows-31j cswindows31j windows-932 x-ms-cp932 shiftjis x-mac-japanese",
    "cp949": "cseuckr csksc56011987 iso-ir-149 ks_c_5601-1989 ksc_5601 ms949 x-cp20949 windows-949 x-mac-korean",
    "johab": "x-johab",
    "iso2022_jp_ext": "csiso2022jp2",
}
_DOS = (437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 1125)
_EBCDIC = (
    "cp_us_euro cyrillicrussian cyrillicserbianbulgarian denmarknorway denmarknorway_euro finlandsweden finlandsweden_euro "
    "france france_euro germany germany_euro icelandic icelandic_euro international international_euro italy italy_euro "
    "japaneseandkana japaneseanduscanada koreanextended simplifiedchinese spain spain_euro traditionalchinese uk uk_euro us "
    "us_euro"
)


_ISO = ("latin_1", "iso8859_9", "iso8859_11")


def _table() -> dict[str, str]:
    table = {alias: codec for alias, codec in encodings.aliases.aliases.items() if codec not in _NOT_CHARSETS}
    table |= {codec: codec for codec in set(table.values())}
    table |= {codec.replace("iso8859_", "iso_8859_"): codec for codec in table.values() if codec.startswith("iso8859_")}
    table |= {
        f"{prefix}{number}": f"cp{number}"
        for prefix in ("windows_", "cp_", "cp", "win_", "x_windows_")
        for number in (874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258)
    }
    table |= {f"iso8859{one}": f"iso8859_{one}" for one in range(1, 17) if f"iso8859_{one}" in table}
    written_so = ("cp{0}", "ibm{0}", "ibm_{0}", "ibm00{0}", "cp00{0}", "dos_{0}", "x_cp{0}", "windows_{0}", "cp_{0}", "{0}")
    table |= {form.format(one): f"cp{one}" for one in _DOS for form in written_so}
    table |= {_written(label): name for name, labels in _LABELS.items() for label in labels.split()}
    # EBCDIC by the names of IANA and Windows: its pages of Latin letters have these and digits in the same places.
    for number in ("037", "273", "277", "278", "280", "284", "285", "297", "871", "1047", *map(str, range(1140, 1150))):
        known = f"cp{number}" if f"cp{number}" in table.values() else "cp1140" if number > "1139" else "cp037"
        written = (
            f"cp{number}",
            f"ibm{number}",
            f"ibm_{number}",
            f"ibm0{number}",
            f"20{number}",
            f"{int(number)}",
            f"ibm_{int(number)}",
        )
        table |= {alias: known for alias in written if alias not in table}
    table |= {f"x_ebcdic_{one}": "cp037" for one in _EBCDIC.split()} | {
        f"ebcdic_cp_{one}": "cp037" for one in ("us", "ca", "wt", "nl")
    }
    return {alias: _WIDER.get(codec, codec) for alias, codec in (table | _MORE).items()}


def _written(charset: str) -> str:
    return _SEPARATORS.sub("_", charset.lower()).strip("_")


_SEPARATORS = re.compile(r"[^a-z0-9.]+")
_CODECS = _table()
_ISO_CODECS = {alias: name for alias, name in encodings.aliases.aliases.items() if name in _ISO} | {
    "iso_8859_1": "latin_1", "iso8859_9": "iso8859_9", "iso8859_11": "iso8859_11",
}  # fmt: skip
# In these no ASCII is ASCII.
_NO_ASCII = frozenset((
    "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "cp037", "cp273", "cp424", "cp500", "cp1026", "cp1140",
))  # fmt: skip
# In these octets that are all ASCII may mean something else, too (RFC 2152, RFC 1468 and others).
_SEVEN_BIT = _NO_ASCII | {"utf_7", "hz"}
# In what readers of Latin letters have their systems, where it is not Windows-1252.
LATIN_FALLBACKS = ("cp1250", "iso8859_2", "cp1254")
_ASCII = frozenset(("ascii", *(alias for alias, name in encodings.aliases.aliases.items() if name == "ascii")))


# As nearly all mail writes them.
_COMMON = {
    written: _CODECS[name.replace("-", "_")]
    for name in ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
    for written in (name, name.upper())
}


def codec(charset: str) -> str:
    """Python's name for a charset's name, "" if there is none on the list."""
    if (common := _COMMON.get(charset)) is not None:
        return common
    if len(charset) > 64:
        return ""
    return _CODECS.get(_written(charset), "")


def iso(charset: str) -> str:
    """Python's name for the ISO 8859 that a charset's name is by the letter where `codec` has its wider brother; else ""."""
    return _ISO_CODECS.get(_written(charset), "") if len(charset) <= 64 else ""


def seven_bit_means_ascii(name: str) -> bool:
    """Whether octets below 128 are plain ASCII in this codec."""
    return name not in _SEVEN_BIT and not name.startswith("iso2022")


def lacks_ascii(name: str) -> bool:
    """Whether ASCII is read as something else in this codec, whatever it is."""
    return name in _NO_ASCII


def says_nothing(declared: str) -> bool:
    """Whether this charset, as it is declared, says nothing of octets that are no UTF-8: they are read in Windows-1252."""
    name = codec(declared) if declared else ""
    return name in ("", "cp1252", "utf_8", "utf_7") or lacks_ascii(name)


def is_ascii(charset: str) -> bool:
    """Whether a charset's name is one of US-ASCII's."""
    return _written(charset) in _ASCII
