"""Our hop, with everything on: shipped rules, 10,000 words, 1,000 senders and 300 patterns more, log file, metrics, history.

Or with rules, settings and a store of another choice.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bench import lists
from bench.systems.system import Bad, Place, Started

ROOT = Path(__file__).resolve().parents[2]


def everything(folder: Path, source: Path = ROOT) -> None:
    """Write the usual rules: those that `source` ships, and what is measured beside the peers."""
    shutil.copytree(source / "rules", folder, dirs_exist_ok=True)
    more = folder / "lists"
    (more / "bench-words.txt").write_text("\n".join(lists.words) + "\n", encoding="utf-8")
    (more / "bench-senders.txt").write_text("\n".join(lists.senders) + "\n", encoding="utf-8")
    rules = [
        {"name": "bench-senders", "when": {"sender": {"address": {"file": "lists/bench-senders.txt"}}}, "then": "hold"},
        {"name": "bench-words", "when": {"text": {"words": {"file": "lists/bench-words.txt"}}}, "then": "hold"},
        {"name": "bench-patterns", "when": {"text": {"pattern": lists.patterns}}, "then": "hold"},
    ]
    write_rules(folder, rules)


def write_rules(folder: Path, rules: Sequence[Mapping[str, object]]) -> None:
    """One file of rules. JSON is YAML: nothing needs quoting."""
    (folder / "90-bench.yaml").write_text(json.dumps({"rules": [*rules]}, indent=1), encoding="utf-8")


class Screener(Started):
    """This project, as `screener run` starts it."""

    about = "everything on: shipped rules, 10,000 words, 1,000 senders, 300 patterns, log, metrics, history; durable before the 250"
    catches: frozenset[Bad] = frozenset(Bad)

    def __init__(
        self,
        name: str = "screener",
        *,
        rules: Callable[[Path], None] | None = None,
        settings: Mapping[str, object] | None = None,
        store: Callable[[Path], None] | None = None,
        source: Path = ROOT,
        program: Sequence[str | Path] = (),
    ) -> None:
        """`rules` writes the folder of rules, `settings` are added to the usual ones, `store` fills the store's folder; the program
        is that of the tree `source`, by this .venv, or another."""
        self.name = name
        super().__init__()
        self._rules, self._settings, self._store = rules or partial(everything, source=source), settings or {}, store
        self._program = program or (command(),)
        self._environment = {**os.environ, "PYTHONPATH": str(source)}
        self.start_seconds = 0.0  # from starting the program until it listens
        self.settings_file = Path()

    def version(self) -> str:
        """Ours."""
        return f"Screener {version('screener')}, Python {sys.version.split()[0]}"

    def start(self, place: Place) -> None:
        """Write settings and rules, start it."""
        pair = place.certificate
        self.settings_file = set_up(
            place.folder, place.port, place.next_port, place.spare_ports[0], pair.certificate, pair.key, self._rules, self._settings
        )
        if self._store is not None:
            self._store(place.folder / "store")
        log = place.folder / "said"
        begun = time.monotonic()
        with log.open("wb") as said:
            run = [*self._program, "run", "--config", self.settings_file]
            self.tree.start(run, log=said, cwd=place.folder, env=self._environment)
        self._wait(place.port, log)
        self.start_seconds = time.monotonic() - begun


def command() -> Path:
    """The program `screener`."""
    return Path(sys.executable).with_name("screener")


def set_up(
    folder: Path,
    port: int,
    next_port: int,
    metrics_port: int,
    certificate: Path,
    key: Path,
    rules: Callable[[Path], None] = everything,
    more: Mapping[str, object] | None = None,
) -> Path:
    """Its settings and rules below the folder; returns the settings' file."""
    (folder / "rules" / "lists").mkdir(parents=True, exist_ok=True)
    rules(folder / "rules")
    settings: dict[str, object] = {
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
    for name, value in (more or {}).items():
        usual = settings.get(name)
        settings[name] = {**usual, **value} if isinstance(usual, dict) and isinstance(value, Mapping) else value
    file = folder / "screener.yaml"
    file.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return file
