"""The octets of a message or a part: bytes, or a read-only map of the file in which a big body lies."""

import mmap

Octets = bytes | mmap.mmap
