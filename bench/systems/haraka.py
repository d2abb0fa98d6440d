"""Haraka, screening inline: forbidden files, senders and patterns, then handed on while the client waits.

Inline is its durable way: the 250 is the next hop's own (its own queue does not fsync). Its Node modules lie in build/bench/haraka.
"""

import json
import shutil
import subprocess
from pathlib import Path

from bench import lists
from bench.systems.system import Bad, Place, Started, printed

_FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench" / "haraka"
_PACKAGE, _AS_OF = "Haraka@3", "2026-09-01"  # with all it depends on as it was that day: the same for everybody
_PLUGIN = """'use strict'
// Who sends, what the text and the subject say, and what files are called.
const {{ senders, patterns, extensions }} = require('{lists}')
const listed = new Set(senders)
const looked_for = patterns.map((text) => new RegExp(text, 'i'))
const files = new RegExp(`\\\\.(?:${{extensions.join('|')}})$`, 'i')

exports.hook_mail = (next, connection, params) =>
  listed.has(String(params[0]).replace(/[<>]/g, '').toLowerCase()) ? next(DENY, 'not this sender') : next()

exports.hook_rcpt = (next) => next(OK)

exports.hook_data = (next, connection) => {{
  const transaction = connection.transaction
  transaction.parse_body = true
  transaction.attachment_hooks((type, name) => {{
    if (name && files.test(name)) transaction.notes.forbidden = true
  }})
  next()
}}

exports.hook_data_post = (next, connection) => {{
  const transaction = connection.transaction
  if (transaction.notes.forbidden) return next(DENY, 'not this file')
  const texts = [transaction.header.get_decoded('subject')]
  const walk = (body) => {{
    if (/^text\\//.test(body.ct || 'text/plain')) texts.push(body.bodytext)
    body.children.forEach(walk)
  }}
  walk(transaction.body)
  for (const text of texts) if (looked_for.some((one) => one.test(text))) return next(DENY, 'not these words')
  next()
}}
"""


class Haraka(Started):
    """Haraka with one plugin of our own and `queue/smtp_forward`."""

    name = "haraka"
    about = (
        "inline (the 250 is the next hop's), 2 workers: 200 patterns on text and subject, 50 forbidden extensions, 1,000 senders"
    )
    catches: frozenset[Bad] = frozenset({Bad.PATTERN, Bad.SUBJECT, Bad.SENDER, Bad.FILE})
    packages: tuple[str, ...] = () if shutil.which("npm") else ("npm",)

    def prepare(self) -> None:
        """Fetch it once."""
        if not (_FOLDER / "node_modules" / "Haraka").exists():
            _FOLDER.mkdir(parents=True, exist_ok=True)
            (_FOLDER / "package.json").write_text('{"private": true}\n', encoding="ascii")
            subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", f"--before={_AS_OF}", _PACKAGE], cwd=_FOLDER, check=True, timeout=900
            )

    def version(self) -> str:
        """Its own and Node's."""
        package = json.loads((_FOLDER / "node_modules" / "Haraka" / "package.json").read_text(encoding="utf-8"))
        return f"Haraka {package['version']}, Node {printed('node', '--version').removeprefix('v')}"

    def start(self, place: Place) -> None:
        """Write its folder, start it."""
        folder = place.folder / "haraka"
        for name in ("config", "plugins", "queue"):
            (folder / name).mkdir(parents=True)
        looked_for = {"senders": lists.senders, "patterns": lists.patterns[: lists.CHECKS], "extensions": lists.EXTENSIONS}
        (folder / "lists.json").write_text(json.dumps(looked_for), encoding="ascii")
        (folder / "plugins" / "screening.js").write_text(_PLUGIN.format(lists=folder / "lists.json"), encoding="ascii")
        for name, text in _configuration(place).items():
            (folder / "config" / name).write_text(text, encoding="utf-8")
        program = _FOLDER / "node_modules" / "Haraka" / "bin" / "haraka"
        with (place.folder / "haraka.log").open("wb") as log:
            self._start(["node", program, "-c", folder], place, log, PATH="/usr/local/bin:/usr/bin:/bin", HARAKA=str(folder))
        self._wait(place.port, place.folder / "haraka.log")


def _configuration(place: Place) -> dict[str, str]:
    connection = (_FOLDER / "node_modules" / "Haraka" / "config" / "connection.ini").read_text(encoding="utf-8")
    return {
        "me": "haraka.bench.example.net\n",
        "plugins": "tls\nscreening\nqueue/smtp_forward\n",
        "smtp.ini": f"listen=127.0.0.1:{place.port}\nnodes=2\n",
        "smtp_forward.ini": f"host=127.0.0.1\nport={place.next_port}\nenable_tls=true\n",
        "tls.ini": "[main]\nrejectUnauthorized=false\nrequestCert=false\n",
        "tls_cert.pem": place.certificate.certificate.read_text(encoding="ascii"),
        "tls_key.pem": place.certificate.key.read_text(encoding="ascii"),
        "databytes": "52428800\n",
        "connection.ini": connection.replace("bytes=26214400", "bytes=52428800"),
        "log.ini": "[main]\nlevel=info\n",
    }
