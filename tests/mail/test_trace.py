"""The Received field, and loops."""

import mmap
import re
import tempfile
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.mail.envelope import Client
from screener.mail.trace import MAX_HEADER, hops, received_field, signs_of_loop

HOST = "hop.example.net"


def test_the_whole_field() -> None:
    client = Client("2001:db8::1", name="mail.example.net", helo="there.example", protocol="ESMTPS", tls="TLSv1.3 AES")
    field = received_field(client, HOST, "ID1", 1_700_000_000.9, "anna@example.org").decode()
    head, _, date = field.partition(";")
    assert head == (
        "Received: from there.example (mail.example.net [IPv6:2001:db8::1])\r\n\t(using TLSv1.3 AES)\r\n"
        "\tby hop.example.net with ESMTPS id ID1\r\n\tfor <anna@example.org>"
    )
    assert parsedate_to_datetime(date.strip()).timestamp() == 1_700_000_000


def test_what_is_not_known_is_not_said() -> None:
    assert received_field(Client(""), HOST, "ID1", 0.0).startswith(
        b"Received: from unknown (unknown)\r\n\tby hop.example.net with ESMTP id ID1;"
    )


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_a_client_cannot_part_the_field(name: str, helo: str, tls: str) -> None:
    field = received_field(Client("192.0.2.1", name=name, helo=helo, tls=tls), HOST, "ID1", 0.0)
    assert field.endswith(b"\r\n")
    assert re.search(rb"\r(?!\n)|(?<!\r)\n|\n(?!\t)", field[:-2]) is None
    assert field.count(b"(") == field.count(b")")
    assert field.count(b";") == 1
    assert hops(field + b"\r\n") == 1
    assert all(octet >= 32 or octet in b"\r\n\t" for octet in field)


@pytest.mark.parametrize(
    ("header", "count", "passes"),
    [
        (b"", 0, 0),
        (b"Subject: x\r\n\r\nReceived: by hop.example.net; x\r\n", 0, 0),
        (b"\r\nReceived: by hop.example.net; x\r\n", 0, 0),
        (b"Received: by hop.example.net; x\r\n\r\n", 1, 1),
        (b"rEcEiVeD\t :by HOP.EXAMPLE.NET\r\n", 1, 1),
        (b"Received:\r\n by\r\n\thop.example.net (x)\r\n\r\n", 1, 1),
        (b"Received: from a by b.example\r\nSubject: by hop.example.net\r\n\r\n", 1, 0),
        (b"Received: from hop.example.net by b.example\r\n\r\n", 1, 0),
        (b"Received: by xhop.example.net, standby hop.example.net\r\n\r\n", 1, 0),
        (b"Received: by hop.example.net.other\r\n\r\n", 1, 0),
        (b"Received: x\r\nReceived-SPF: by hop.example.net\r\nReceived: y\r\n\r\n", 2, 0),
        (b"X: y\r\n Received: by hop.example.net\r\n\r\n", 0, 0),
    ],
)
def test_signs_of_a_loop(header: bytes, count: int, passes: int) -> None:
    assert signs_of_loop(header, HOST) == (count, passes)
    assert hops(header) == count


def test_our_own_field_is_recognised() -> None:
    field = received_field(Client("192.0.2.1", helo="x"), HOST, "ID1", 0.0, "a@example.org")
    assert signs_of_loop(field * 3 + b"\r\ntext", HOST) == (3, 3)


def test_a_mapped_content_and_a_header_without_end() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"Received: by hop.example.net; x\r\n" * (MAX_HEADER // 10))
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert 0 < hops(mapped) <= MAX_HEADER // 33 + 1


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_octets(content: bytes) -> None:
    count, passes = signs_of_loop(content + b"\nReceived:" + content, HOST)
    assert 0 <= passes <= count
