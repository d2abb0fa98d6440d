"""A real Postfix, set up by `fakes.postfix`.

As a front relay it hands everything on to one port and says by XFORWARD who the client was; as a next hop it keeps what comes in a
Maildir, so that the content can be compared octet for octet. `master` runs in the foreground as a child of the test.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from fakes.namespace import free_port
from fakes.postfix import command, environment, set_up
from fakes.waiting import listening, until

COMMANDS = ("postfix", "postconf")
_OWNER = 65534  # nobody: whose mailboxes the next hop writes

_USUAL = {
    "mynetworks": "127.0.0.0/8 [::1]/128",
    "import_environment": "MAIL_CONFIG MAIL_LOGTAG TZ LANG=C",
    "smtpd_banner": "$myhostname ESMTP",
    "smtpd_tls_security_level": "none",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "bounce_queue_lifetime": "1h",
}


class Postfix:
    """One running instance; made by `front_relay` and `next_hop`."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.port = port
        self._master: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._master = subprocess.Popen(
            command(self._folder),
            env=environment(self._folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(lambda: listening(self.port), f"Postfix on port {self.port} listens; its log:\n{self.log()}")

    def stop(self) -> None:
        """End it and everything it started."""
        if self._master is None:
            return
        self._master.terminate()
        try:
            self._master.wait(20)
        finally:
            group = self._master.pid
            self._master = None
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def log(self) -> str:
        """What it has logged so far."""
        log = self._folder / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def queued(self) -> list[str]:
        """The ids of what lies in its queue."""
        listed = subprocess.run(
            ["/usr/sbin/postqueue", "-c", self._folder / "etc", "-j"], check=True, capture_output=True, text=True, timeout=60
        )
        return re.findall(r'"queue_id": "(\w+)"', listed.stdout)

    def received(self) -> list[bytes]:
        """What lies in the Maildir, with CRLF line ends as it came over the wire; fields of the delivery itself still on top."""
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted((self._folder / "mail").glob("all/new/*"))]


@contextmanager
def front_relay(
    next_port: int, *, hostname: str = "front.example.net", settings: Mapping[str, str] | None = None
) -> Iterator[Postfix]:
    """A Postfix that sends everything to 127.0.0.1:next_port with XFORWARD. `settings` go into main.cf."""
    role = {
        "relayhost": f"[127.0.0.1]:{next_port}",
        "smtp_send_xforward_command": "yes",
        "smtpd_authorized_xforward_hosts": "127.0.0.0/8",
        "smtp_destination_concurrency_limit": "10",
        "default_destination_concurrency_limit": "10",
    }
    with _instance({**role, "myhostname": hostname, **(settings or {})}) as postfix:
        yield postfix


@contextmanager
def next_hop(*, hostname: str = "exchange.example.net", settings: Mapping[str, str] | None = None) -> Iterator[Postfix]:
    """A Postfix that accepts every domain and keeps all mail in one Maildir. `settings` go into main.cf."""
    role = {
        "virtual_mailbox_domains": "static:any",
        "virtual_mailbox_maps": "static:all/",
        "virtual_mailbox_limit": "0",
        "virtual_uid_maps": f"static:{_OWNER}",
        "virtual_gid_maps": f"static:{_OWNER}",
        "virtual_transport": "virtual",
    }
    with _instance({**role, "myhostname": hostname, **(settings or {})}) as postfix:
        yield postfix


@contextmanager
def _instance(settings: Mapping[str, str]) -> Iterator[Postfix]:
    # Not below pytest's own folder: Postfix's unprivileged processes must be able to walk there.
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    port = free_port()
    postfix = Postfix(folder, port)
    try:
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", _OWNER, _OWNER)
        set_up(folder, port, {**_USUAL, "virtual_mailbox_base": folder / "mail", **settings})
        postfix.start()
        yield postfix
    finally:
        postfix.stop()
        shutil.rmtree(folder)
