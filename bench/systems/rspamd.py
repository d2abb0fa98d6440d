"""Postfix with rspamd as a milter: multimap, mime_types and regexp, nothing that asks the network, Redis or statistics.

One process scans inside the proxy (self scan), which is the shortest way there is.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bench import lists
from bench.systems.postfix import Postfix, quoted
from bench.systems.system import Bad, Place, printed

_CONFIGURATION = """
options {{
  pidfile = "{folder}/pid"; tempdir = "{folder}"; control_socket = "{folder}/control mode=0600"; hs_cache_dir = "{folder}/";
  cache_file = "{folder}/symbols.cache"; filters = "regexp"; url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  local_addrs = []; dns {{ nameserver = ["127.0.0.1:{dns}"]; timeout = 0.1s; }}
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "notice"; }}
lua = "{folder}/rules.lua";
modules {{ path = "/usr/share/rspamd/plugins/"; }}
actions {{ reject = 15; }}
multimap {{
  SENDERS {{ type = "from"; filter = "email"; map = "{folder}/senders"; prefilter = true; action = "reject"; }}
  FILES {{ type = "filename"; filter = "extension"; map = "{folder}/extensions"; score = 20; }}
}}
mime_types {{ file = ["{folder}/mime_types"]; extension_map {{ html = "text/html"; pdf = "application/pdf"; }} }}
worker "rspamd_proxy" {{
  bind_socket = "127.0.0.1:{port}"; milter = yes; timeout = 120s; count = {processes};
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
"""


class PostfixRspamd(Postfix):
    """Postfix asks rspamd."""

    name = "rspamd"
    about = (
        "Postfix + rspamd milter: multimap, mime_types, 200 body and 200 subject patterns (Hyperscan), 1,000 senders; "
        "durable before the 250"
    )
    catches: frozenset[Bad] = frozenset({Bad.PATTERN, Bad.SUBJECT, Bad.SENDER, Bad.FILE})
    packages: tuple[str, ...] = ("postfix", "rspamd")

    def version(self) -> str:
        """Both."""
        return f"{super().version()}, rspamd {printed('/usr/bin/rspamd', '--version').split()[-1]}"

    def settings(self, place: Place) -> Mapping[str, str]:
        """Ask the milter."""
        return {"smtpd_milters": f"inet:127.0.0.1:{place.spare_ports[0]}", "milter_default_action": "tempfail"}

    def start(self, place: Place) -> None:
        """rspamd first, then Postfix."""
        folder = place.folder / "rspamd"
        folder.mkdir()
        _write(folder, place)
        shutil.chown(folder, "_rspamd", "_rspamd")
        for file in folder.iterdir():
            shutil.chown(file, "_rspamd", "_rspamd")
        with (place.folder / "rspamd.log").open("wb") as log:
            self._start(
                ["/usr/bin/rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", folder / "rspamd.conf"],
                place,
                log,
                PATH="/usr/bin:/bin",
            )
        self._wait(place.spare_ports[0], place.folder / "rspamd.log")
        super().start(place)


def _write(folder: Path, place: Place) -> None:
    text = _CONFIGURATION.format(folder=folder, port=place.spare_ports[0], dns=place.spare_ports[1], processes=2)
    rules = ['require "global_functions" ()', "config['regexp'] = {}", *_expressions("BODY", "", "{sa_body}")]
    rules += _expressions("SUBJECT", "Subject=", "{header}")
    files = {
        "rspamd.conf": text,
        "rules.lua": "\n".join(rules) + "\n",
        "senders": "\n".join(lists.senders) + "\n",
        "extensions": "\n".join(lists.EXTENSIONS) + "\n",
        "mime_types": "application/pdf 0\ntext/plain 0\ntext/html 0\napplication/octet-stream 0\n",
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="ascii")


def _expressions(kind: str, lead: str, tail: str) -> list[str]:
    """Lua that registers one rule a pattern."""
    return [
        f"config['regexp']['{kind}_{number}'] = {{ re = [[{lead}/{quoted(pattern)}/i{tail}]], score = 20, group = 'bench' }}"
        for number, pattern in enumerate(lists.patterns[: lists.CHECKS])
    ]
