"""Octets of a PDF bent, mostly outside of streams: what a random change makes of them."""

import random
import re

_TOKEN = re.compile(rb"\((?:[^()\\]|\\.)*\)|<<|>>|/[^\s/<>\[\]()%{}]*|[^\s/<>\[\]()%{}]+|\s+|.", re.DOTALL)
_STREAM = re.compile(rb"(stream\r?\n.*?endstream)", re.DOTALL)


def tokens_bent(chance: random.Random, octets: bytes) -> bytes:
    """With some tokens moved, lost, doubled or put in."""
    pieces = _STREAM.split(octets)  # every second one is a stream
    chosen = 2 * chance.randrange((len(pieces) + 1) // 2)
    tokens = _TOKEN.findall(pieces[chosen])
    for _ in range(chance.randint(1, 3)):
        if not tokens:
            break
        at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.randrange(6):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, tokens[other])
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 3:
                tokens[at] = tokens[other]
            case 4:
                tokens.insert(
                    at, chance.choice((b"<<", b">>", b"[", b"]", b"(", b")", b"<", b">", b"{", b"}", b"%", b"/", b"\0", b"\\"))
                )
            case _:
                tokens[at : at + 2] = reversed(tokens[at : at + 2])
    pieces[chosen] = b"".join(tokens)
    return b"".join(pieces)


def octets_bent(chance: random.Random, octets: bytes) -> bytes:
    """With some octets lost, changed or put in."""
    pieces = _STREAM.split(octets)
    chosen = chance.randrange(len(pieces)) if chance.random() < 0.3 else 2 * chance.randrange((len(pieces) + 1) // 2)
    out = bytearray(pieces[chosen])
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(out))
        match chance.randrange(4):
            case 0:
                del out[at : at + chance.choice((1, 1, 2, 5))]
            case 1:
                out[at:at] = bytes((chance.choice(b"\0\t\n\f\r %()/<>[]{}0179+-.#R\\\x80\xff\x0b"),))
            case 2:
                out[at : at + 1] = bytes((chance.choice(b"\0\t\n\f\r %()/<>[]{}0179+-.#R\\\x80\xff\x0b"),))
            case _:
                out[at : at + 1] = bytes((chance.randrange(256),))
    pieces[chosen] = bytes(out)
    return b"".join(pieces)
