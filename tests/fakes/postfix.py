"""How a Postfix is set up privately: configuration, queue and log below one folder, loopback only, no name service.

What is not set is as it is installed. Who starts it, and what it is for, is left to those who ask: `peers.postfix` for tests,
`bench.systems.postfix` for the benchmark.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_MAIN = {
    "compatibility_level": "3.6",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "disable_dns_lookups": "yes",
    "smtp_host_lookup": "native",
    "smtpd_peername_lookup": "no",
    "alias_maps": "",
    "alias_database": "",
    "local_header_rewrite_clients": "",
    "local_transport": "error:no local mail here",
    "biff": "no",
    "message_size_limit": "52428800",
    "mailbox_size_limit": "0",
    "smtpd_recipient_restrictions": "permit_mynetworks, reject",
    "smtpd_client_connection_count_limit": "0",
    "minimal_backoff_time": "2s",
    "maximal_backoff_time": "4s",
    "queue_run_delay": "2s",
}
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup     unix  n  -  n  60     1  pickup
cleanup    unix  n  -  n  -      0  cleanup
qmgr       unix  n  -  n  300    1  qmgr
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
virtual    unix  -  n  n  -      -  virtual
anvil      unix  -  -  n  -      1  anvil
scache     unix  -  -  n  -      1  scache
postlog    unix-dgram n - n -    1  postlogd
"""


def set_up(folder: Path, port: int, settings: Mapping[str, object], services: str = "") -> None:
    """Write and check what it needs to listen on `port` of 127.0.0.1; `settings` and `services` go into main.cf and master.cf."""
    configuration = folder / "etc"
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    own = {
        "config_directory": configuration,
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
    }
    whole = {**_MAIN, **own, **settings}
    (configuration / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in whole.items()), encoding="ascii")
    (configuration / "master.cf").write_text(_MASTER.format(port=port) + services, encoding="ascii")
    subprocess.run(["/usr/sbin/postfix", "-c", configuration, "check"], check=True, capture_output=True, timeout=60)


def command(folder: Path) -> list[str | Path]:
    """What runs it in the foreground, in this `environment`."""
    return ["/usr/lib/postfix/sbin/master", "-c", folder / "etc", "-s"]


def environment(folder: Path) -> dict[str, str]:
    """Where its programs find their settings."""
    return {"PATH": os.defpath, "MAIL_CONFIG": str(folder / "etc"), "MAIL_LOGTAG": "postfix"}
