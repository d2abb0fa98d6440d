"""Postfix with amavis as a content filter: forbidden files only, all that amavis screens without virus scanner and SpamAssassin.

Durable before the 250: Postfix has queued the mail before amavis sees it, and queues it again afterwards.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bench import lists
from bench.systems.postfix import Postfix
from bench.systems.system import Bad, Place, printed

_PROCESSES = 10
_SERVICES = """
amavis     unix  -  -  n  -     {processes}  smtp
    -o smtp_send_xforward_command=yes
    -o smtp_tls_security_level=none
127.0.0.1:{back} inet n - n - - smtpd
    -o content_filter=
    -o smtpd_tls_security_level=none
    -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_milters
"""
_CONFIGURATION = """
use strict;
$max_servers = {processes};
$daemon_user = 'amavis'; $daemon_group = 'amavis';
$MYHOME = '{folder}'; $TEMPBASE = "$MYHOME/tmp"; $db_home = "$MYHOME/db"; $lock_file = "$MYHOME/lock"; $pid_file = "$MYHOME/pid";
$QUARANTINEDIR = undef; $banned_files_quarantine_method = undef; $bad_header_quarantine_method = undef;
$mydomain = 'bench.example.net'; $myhostname = 'amavis.bench.example.net';
$enable_db = 0; $nanny_details_level = 0; $do_syslog = 0; $logfile = "$MYHOME/log"; $log_level = 0;
$inet_socket_bind = '127.0.0.1'; $inet_socket_port = {port};
$forward_method = 'smtp:[127.0.0.1]:{back}'; $notify_method = $forward_method;
@inet_acl = qw(127.0.0.1);
@local_domains_maps = (1);
@bypass_virus_checks_maps = (1); @bypass_spam_checks_maps = (1); @bypass_header_checks_maps = (1);
$final_banned_destiny = D_DISCARD; $banned_admin = undef; $warnbannedsender = 0; $warnbannedrecip = 0;
$banned_filename_re = new_RE(qr'.\\.({extensions})$'i, qr'^\\.(exe|exe-ms)$');
@decoders = (['mail', \\&do_mime_decode]);
$insert_received_line = 1; $enable_dkim_verification = 0; $enable_dkim_signing = 0;
$sa_spam_subject_tag = undef; $penpals_bonus_score = undef;
1;
"""


class PostfixAmavis(Postfix):
    """Postfix, amavis, Postfix."""

    name = "amavis"
    about = (
        f"Postfix + amavis content filter, {_PROCESSES} processes: 50 forbidden extensions, nothing else; durable before the 250"
    )
    catches: frozenset[Bad] = frozenset({Bad.FILE})
    packages: tuple[str, ...] = ("postfix", "amavisd-new")

    def version(self) -> str:
        """Both."""
        return f"{super().version()}, amavis {printed('dpkg-query', '-W', '-f', '${Version}', 'amavisd-new')}"

    def settings(self, place: Place) -> Mapping[str, str]:
        """Everything through the filter."""
        return {"content_filter": f"amavis:[127.0.0.1]:{place.spare_ports[0]}"}

    def services(self, place: Place) -> str:
        """The way there and back besides."""
        return _SERVICES.format(processes=_PROCESSES, back=place.spare_ports[1])

    def start(self, place: Place) -> None:
        """amavis first, then Postfix."""
        folder = place.folder / "amavisd"
        for name in ("tmp", "db"):
            (folder / name).mkdir(parents=True)
        configuration = place.folder / "amavisd.conf"  # not in its own folder: it refuses settings that it could write
        text = _CONFIGURATION.format(
            folder=folder,
            processes=_PROCESSES,
            port=place.spare_ports[0],
            back=place.spare_ports[1],
            extensions="|".join(lists.EXTENSIONS),
        )
        configuration.write_text(text, encoding="ascii")
        for path in (folder, folder / "tmp", folder / "db"):
            shutil.chown(path, "amavis", "amavis")
        program = Path("/usr/sbin/amavisd")
        with (place.folder / "amavis.log").open("wb") as log:
            self._start([program, "-c", configuration, "foreground"], place, log, PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        self._wait(place.spare_ports[0], place.folder / "amavis.log")
        super().start(place)
