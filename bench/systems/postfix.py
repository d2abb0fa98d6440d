"""Postfix as a relay, privately: plain, and with its own header, body and MIME checks. What is not set is as it is installed.

Durable before the 250: its queue files are fsynced by design.
"""

from collections.abc import Mapping

from fakes.postfix import command, environment, set_up

from bench import lists
from bench.systems.system import Bad, Place, Started, printed


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

    def services(self, place: Place) -> str:
        """What it runs beyond the usual services."""
        del place
        return ""

    def start(self, place: Place) -> None:
        """Write its configuration, start `master` in the foreground."""
        folder = place.folder / self.name
        own = {
            "myhostname": "postfix.bench.example.net",
            "relayhost": f"[127.0.0.1]:{place.next_port}",
            "smtpd_tls_security_level": "may",
            "smtpd_tls_cert_file": place.certificate.certificate,
            "smtpd_tls_key_file": place.certificate.key,
            "smtp_tls_security_level": "may",
        }
        set_up(folder, place.port, {**own, **self.settings(place)}, self.services(place))
        with (folder / "master.log").open("wb") as log:
            self._start(command(folder), place, log, **environment(folder))
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
        (place.folder / "main.cf").touch()  # Debian's own is missing where Postfix was installed and not configured
        printed("/usr/sbin/postmap", "-c", str(place.folder), "-o", f"hash:{access}")
        return {**tables, "smtpd_sender_restrictions": f"check_sender_access hash:{access}"}


def quoted(pattern: str) -> str:
    """For between slashes."""
    return pattern.replace("/", r"\/")
