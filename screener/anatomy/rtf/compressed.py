"""RTF as Outlook packs it (MS-OXRTFCP). Promises: linear, bounded, never raises; damage ends it early."""

_DICTIONARY = 4096
# What the dictionary begins with (2.1.3.1.1).
_INITIAL = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans Serif"
    b"SymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def unpack(octets: bytes, limit: int) -> bytes:
    """The RTF, at most `limit` octets of it; b"" where it is none."""
    if len(octets) < 16:
        return b""
    match octets[8:12]:
        case b"MELA":  # not packed
            return octets[16 : 16 + limit]
        case b"LZFu":
            return _unpack(octets, limit)
        case _:
            return b""


def _unpack(octets: bytes, limit: int) -> bytes:
    ring = bytearray(_INITIAL.ljust(_DICTIONARY, b"\0"))
    write = len(_INITIAL)
    out = bytearray()
    at = 16
    size = len(octets)
    while at < size and len(out) < limit:
        control = octets[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                if at >= size:
                    break
                out.append(octets[at])
                ring[write] = octets[at]
                write = (write + 1) % _DICTIONARY
                at += 1
                continue
            if at + 2 > size:
                return bytes(out)
            reference = octets[at] << 8 | octets[at + 1]
            at += 2
            read = reference >> 4
            if read == write:  # the end (2.2.2.1)
                return bytes(out)
            for _ in range((reference & 15) + 2):
                value = ring[read]
                out.append(value)
                ring[write] = value
                read = (read + 1) % _DICTIONARY
                write = (write + 1) % _DICTIONARY
    return bytes(out[:limit])
