"""What TLS means towards the next hops of a route: one explicit context each.

`required` encrypts and looks at no certificate; `verified` checks it against the next hop's name and the system's authorities, or
those of `ca_file`; `opportunistic` encrypts where it can, which stops a listener and nobody else (RFC 7435).
"""

import ssl
from pathlib import Path
from typing import assert_never

from screener import files
from screener.config.models import Route, RouteTls


def context_of(route: Route) -> ssl.SSLContext | None:
    """The context for STARTTLS, or None for a route without TLS. Raises OSError when `ca_file` is unreadable or no certificate."""
    match route.tls:
        case RouteTls.NONE:
            return None
        case RouteTls.OPPORTUNISTIC | RouteTls.REQUIRED:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        case RouteTls.VERIFIED:
            context = ssl.create_default_context(cafile=None if route.ca_file is None else _authorities(route.ca_file))
        case _:
            assert_never(route.tls)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _authorities(ca_file: Path) -> str:
    """The path, for OpenSSL, which would wait for a FIFO."""
    try:
        files.size(ca_file)
    except OSError as error:
        raise OSError(0, f"the `ca_file` cannot be read: {error.strerror or error}") from error
    return str(ca_file)
