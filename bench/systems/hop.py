"""Our hop, with everything on: shipped rules, 10,000 words, 1,000 senders and 300 patterns more, log file, metrics, history."""

import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from bench import lists
from bench.systems.system import Bad, Place, Started

ROOT = Path(__file__).resolve().parents[2]


class Screener(Started):
    """This project, as `screener run` starts it."""

    name = "screener"
    about = "everything on: shipped rules, 10,000 words, 1,000 senders, 300 patterns, log, metrics, history; durable before the 250"
    catches: frozenset[Bad] = frozenset(Bad)

    def version(self) -> str:
        """Ours."""
        return f"Screener {version('screener')}, Python {sys.version.split()[0]}"

    def start(self, place: Place) -> None:
        """Write settings and rules, start it."""
        settings = set_up(
            place.folder, place.port, place.next_port, place.spare_ports[0], place.certificate.certificate, place.certificate.key
        )
        log = place.folder / "said"
        with log.open("wb") as said:
            self.tree.start([Path(sys.executable).with_name("screener"), "run", "--config", settings], log=said, cwd=place.folder)
        self._wait(place.port, log)


def set_up(folder: Path, port: int, next_port: int, metrics_port: int, certificate: Path, key: Path) -> Path:
    """Its settings and rules below the folder; returns the settings' file."""
    shutil.copytree(ROOT / "rules", folder / "rules", dirs_exist_ok=True)
    more = folder / "rules" / "lists"
    (more / "bench-words.txt").write_text("\n".join(lists.words) + "\n", encoding="utf-8")
    (more / "bench-senders.txt").write_text("\n".join(lists.senders) + "\n", encoding="utf-8")
    rules = [
        {"name": "bench-senders", "when": {"sender": {"address": {"file": "lists/bench-senders.txt"}}}, "then": "hold"},
        {"name": "bench-words", "when": {"text": {"words": {"file": "lists/bench-words.txt"}}}, "then": "hold"},
        {"name": "bench-patterns", "when": {"text": {"pattern": lists.patterns}}, "then": "hold"},
    ]
    # JSON is YAML: nothing needs quoting.
    (folder / "rules" / "90-bench.yaml").write_text(json.dumps({"rules": rules}, indent=1), encoding="utf-8")
    settings = {
        "hostname": "hop.bench.example.net",
        "listeners": [{"name": "inbound", "port": port, "tls": {"certificate": str(certificate), "key": str(key)}}],
        "domains": {"example.org": {"route": "inside"}},
        "routes": {"inside": {"next_hops": [f"127.0.0.1:{next_port}"]}},
        "limits": {"connections_per_client": 1000, "messages_per_connection": 10_000_000, "octets_per_connection": "1000 GiB"},
        "retry": {"intervals": ["2 s"]},
        "store": {"folder": "store"},
        "metrics": f"127.0.0.1:{metrics_port}",
        "log": {"format": "json", "file": "log"},
        "control": "control.sock",
    }
    file = folder / "screener.yaml"
    file.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return file
