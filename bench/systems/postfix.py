"""Postfix as a relay, privately: plain, and with its own header, body and MIME checks. What is not set is as it is installed.

Durable before the 250: its queue files are fsynced by design.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from bench import lists
from bench.systems.system import Bad, Place, Started, printed

_DAEMONS = Path("/usr/lib/postfix/sbin")
_MAIN = {
    "compatibility_level": "3.6",
    "myhostname": "postfix.bench.example.net",
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
    "smtpd_tls_security_level": "may",
    "smtp_tls_security_level": "may",
    "minimal_backoff_time": "2s",
    "maximal_backoff_time": "4s",
    "queue_run_delay": "2s",
}
MASTER = """
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
anvil      unix  -  -  n  -      1  anvil
scache     unix  -  -  n  -      1  scache
postlog    unix-dgram n - n -    1  postlogd
"""


class Postfix(Started):
    """A relay that screens nothing: what the others are measured by."""

    name = "postfix"
    about = "plain relay, screens nothing; durable before the 250"
    catches: frozenset[Bad] = frozenset()
    packages: tuple[str, ...] = ("postfix",)

    def version(self) -> str:
        """Postfix's."""
        return f"Postfix {printed('/usr/sbin/postconf', '-dh', 'mail_version')}"

    def settings(self, place: Place) -> Mapping[str, str]:
        """What it is told beyond the plain relay."""
        del place
        return {}

    def master(self, place: Place) -> str:
        """Its services."""
        return MASTER.format(port=place.port)

    def start(self, place: Place) -> None:
        """Write its configuration, start `master` in the foreground."""
        folder = place.folder / self.name
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
            "relayhost": f"[127.0.0.1]:{place.next_port}",
            "smtpd_tls_cert_file": place.certificate.certificate,
            "smtpd_tls_key_file": place.certificate.key,
        }
        whole = {**_MAIN, **own, **self.settings(place)}
        (configuration / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in whole.items()), encoding="ascii")
        (configuration / "master.cf").write_text(self.master(place), encoding="ascii")
        printed("/usr/sbin/postfix", "-c", configuration, "check")
        environment = {"PATH": os.defpath, "MAIL_CONFIG": str(configuration), "MAIL_LOGTAG": "postfix"}
        with (folder / "master.log").open("wb") as log:
            self._start([_DAEMONS / "master", "-c", configuration, "-s"], place, log, **environment)
        self._wait(place.port, folder / "master.log")


class PostfixChecks(Postfix):
    """The same with what it can screen by itself."""

    name = "postfix-checks"
    about = "200 body, 200 header and 50 MIME patterns (PCRE), 1,000 senders; durable before the 250"
    catches: frozenset[Bad] = frozenset({Bad.PATTERN, Bad.SUBJECT, Bad.SENDER, Bad.FILE})
    packages: tuple[str, ...] = ("postfix", "postfix-pcre")

    def settings(self, place: Place) -> Mapping[str, str]:
        """The checks; a PCRE table ignores case unless told otherwise."""
        texts = {
            "body": [f"/{quoted(pattern)}/ REJECT" for pattern in lists.patterns[: lists.CHECKS]],
            "header": [f"/^Subject:.*{quoted(pattern)}/ REJECT" for pattern in lists.patterns[: lists.CHECKS]],
            "mime": [rf"/^Content-(?:Type|Disposition):.*name\s*=.*\.{one}\b/ REJECT" for one in lists.EXTENSIONS],
        }
        tables = {}
        for name, lines in texts.items():
            file = place.folder / f"{name}.pcre"
            file.write_text("\n".join(lines) + "\n", encoding="ascii")
            tables[f"{name}_checks" if name != "mime" else "mime_header_checks"] = f"pcre:{file}"
        access = place.folder / "senders"
        access.write_text("".join(f"{sender} REJECT\n" for sender in lists.senders), encoding="ascii")
        printed("/usr/sbin/postmap", "-o", f"hash:{access}")
        return {**tables, "smtpd_sender_restrictions": f"check_sender_access hash:{access}"}


def quoted(pattern: str) -> str:
    """For between slashes."""
    return pattern.replace("/", r"\/")
