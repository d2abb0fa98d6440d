"""A network in which nothing but loopback exists, and mounts that nobody else sees.

The test process moves into namespaces of its own, and everything it starts comes along: a peer with a wrong setting can neither ask
a real name server nor send mail on its own, ports are free that others on this machine use, and no mount outlives the tests. Needs
root; `enter` says what lacks.
"""

import ctypes
import fcntl
import os
import random
import socket
import struct

_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000
_IFREQ = struct.Struct("16sh14x")


def enter() -> str:
    """Move this process there. Returns "" when that is done, else what lacks."""
    if os.geteuid() != 0:
        return "root, for namespaces of its own"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET | _CLONE_NEWNS) != 0:
        return f"namespaces of its own ({os.strerror(ctypes.get_errno())})"
    if libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        return f"private mounts ({os.strerror(ctypes.get_errno())})"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name, flags = _IFREQ.unpack(fcntl.ioctl(any_socket, _SIOCGIFFLAGS, _IFREQ.pack(b"lo", 0)))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _IFREQ.pack(name, flags | _IFF_UP))
    return ""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, below those the kernel gives to outgoing connections: it stays free."""
    for port in random.sample(range(12_000, 32_000), 100):
        with socket.socket() as listening:
            try:
                listening.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free between 12000 and 32000")
