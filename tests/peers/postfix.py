"""A real Postfix, privately: own configuration, queue and log below one folder, loopback only, no name service.

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
from fakes.waiting import listening, until

COMMANDS = ("postfix", "postconf")
_DAEMONS = Path("/usr/lib/postfix/sbin")
_OWNER = 65534  # nobody: whose mailboxes the next hop writes

_MAIN = """
compatibility_level = 3.6
config_directory = {folder}/etc
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {hostname}
mydestination =
mynetworks = 127.0.0.0/8 [::1]/128
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_transport = error:no local mail here
biff = no
local_header_rewrite_clients =
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C
smtpd_banner = $myhostname ESMTP
smtpd_tls_security_level = none
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
bounce_queue_lifetime = 1h
"""

_FRONT_RELAY = """
relayhost = [127.0.0.1]:{next_port}
smtp_send_xforward_command = yes
smtpd_authorized_xforward_hosts = 127.0.0.0/8
smtp_destination_concurrency_limit = 10
default_destination_concurrency_limit = 10
"""

_NEXT_HOP = """
virtual_mailbox_domains = static:any
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_transport = virtual
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup    unix  n  -  n  -      0  cleanup
qmgr       unix  n  -  n  300    1  qmgr
pickup     unix  n  -  n  60     1  pickup
tlsmgr     unix  -  -  n  1000?  1  tlsmgr
rewrite    unix  -  -  n  -      -  trivial-rewrite
bounce     unix  -  -  n  -      0  bounce
defer      unix  -  -  n  -      0  bounce
trace      unix  -  -  n  -      0  bounce
verify     unix  -  -  n  -      1  verify
flush      unix  n  -  n  1000?  0  flush
proxymap   unix  -  -  n  -      -  proxymap
proxywrite unix  -  -  n  -      1  proxymap
smtp       unix  -  -  n  -      -  smtp
relay      unix  -  -  n  -      -  smtp
showq      unix  n  -  n  -      -  showq
error      unix  -  -  n  -      -  error
retry      unix  -  -  n  -      -  error
discard    unix  -  -  n  -      -  discard
local      unix  -  n  n  -      -  local
virtual    unix  -  n  n  -      -  virtual
anvil      unix  -  -  n  -      1  anvil
scache     unix  -  -  n  -      1  scache
postlog    unix-dgram n - n -    1  postlogd
"""


class Postfix:
    """One running instance; made by `front_relay` and `next_hop`."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.port = port
        self._master: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        configuration = self._folder / "etc"
        subprocess.run(["/usr/sbin/postfix", "-c", configuration, "check"], check=True, capture_output=True, timeout=60)
        self._master = subprocess.Popen(
            [_DAEMONS / "master", "-c", configuration, "-s"],
            env={"PATH": os.defpath, "MAIL_CONFIG": str(configuration), "MAIL_LOGTAG": "postfix"},
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
    with _instance(_FRONT_RELAY, {"next_port": str(next_port), "hostname": hostname}, settings or {}) as postfix:
        yield postfix


@contextmanager
def next_hop(*, hostname: str = "exchange.example.net", settings: Mapping[str, str] | None = None) -> Iterator[Postfix]:
    """A Postfix that accepts every domain and keeps all mail in one Maildir. `settings` go into main.cf."""
    with _instance(_NEXT_HOP, {"owner": str(_OWNER), "hostname": hostname}, settings or {}) as postfix:
        yield postfix


@contextmanager
def _instance(role: str, values: Mapping[str, str], settings: Mapping[str, str]) -> Iterator[Postfix]:
    # Not below pytest's own folder: Postfix's unprivileged processes must be able to walk there.
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    port = free_port()
    postfix = Postfix(folder, port)
    try:
        for name in ("etc", "queue", "data", "mail"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        shutil.chown(folder / "mail", _OWNER, _OWNER)
        main = (_MAIN + role).format(folder=folder, **values) + "".join(f"{name} = {value}\n" for name, value in settings.items())
        (folder / "etc" / "main.cf").write_text(main, encoding="ascii")
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=port), encoding="ascii")
        postfix.start()
        yield postfix
    finally:
        postfix.stop()
        shutil.rmtree(folder)
