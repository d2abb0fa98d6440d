"""A real hop in a process of its own: written settings and rules, started, asked, stopped, killed.

Everything it has lies below one folder. What became of mail is read as a person would: from its store, its log, its metrics, its
command line. Nothing reaches into the process.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fakes.certificate import Certificate
from fakes.namespace import free_port
from fakes.waiting import listening, until
from fakes.wire import Answer, Lost, Wire

from screener.config.file import load
from screener.store.queries import SearchFor
from screener.store.records import Entry, State
from screener.store.sqlite import SqliteStore

SCREENER = Path(sys.executable).with_name("screener")
NO_RULES = {"00-none.yaml": "rules: []\n"}
DOMAIN = "example.org"  # whose mail the hop accepts

Settings = Mapping[str, object]


class Hop:
    """One hop; `start` it before anything is asked."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        rules: Mapping[str, str],
        *,
        port: int = 0,
        listener_tls: Certificate | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.metrics_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "rules" / "lists").mkdir(parents=True)
        for name, text in rules.items():
            self.rule_file(name, text)
        # JSON is YAML: every value keeps its place, and nothing needs quoting.
        (folder / "screener.yaml").write_text(
            json.dumps(_merged(self._defaults(listener_tls), settings), indent=1), encoding="utf-8"
        )

    def _defaults(self, listener_tls: Certificate | None) -> Settings:
        tls: Settings = {}
        if listener_tls is not None:
            tls = {"tls": {"certificate": str(listener_tls.certificate), "key": str(listener_tls.key)}}
        return {
            "hostname": "hop.example.net",
            "listeners": [{"name": "inbound", "address": "127.0.0.1", "port": self.port, **tls}],
            "domains": {DOMAIN: {"route": "inside"}},
            "routes": {"inside": {"maildir": "delivered"}},
            "retry": {"intervals": ["1 s"]},
            "store": {"folder": "store", "free_space": "1 MiB", "reserve": "1 MiB"},
            "limits": {"connections_per_client": 1000, "messages_per_connection": 100000},
            "rules": {"folder": "rules"},
            "metrics": f"127.0.0.1:{self.metrics_port}",
            "log": {"format": "json"},
            "control": "control.sock",
            "stop": "10 s",
        }

    @property
    def settings_file(self) -> Path:
        """Its screener.yaml."""
        return self.folder / "screener.yaml"

    @property
    def pid(self) -> int:
        """The running service."""
        assert self._process is not None, "the hop does not run"
        return self._process.pid

    def rule_file(self, name: str, text: str) -> None:
        """Write a file below the rules folder."""
        (self.folder / "rules" / name).write_text(text, encoding="utf-8")

    def start(self) -> None:
        """Start the service and wait until it greets."""
        self.begin()
        until(lambda: self.ended or self.greets(), lambda: f"the hop greets on port {self.port}; its log:\n{self.log()}")
        assert not self.ended, f"the hop ended at once, its log:\n{self.log()}"

    def start_in_vain(self) -> int:
        """Start the service, which will not go on; returns its exit status."""
        self.begin()
        return self.wait()

    def begin(self) -> None:
        """Start the service and wait for nothing."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [SCREENER, "run", "--config", self.settings_file],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    @property
    def ended(self) -> bool:
        """Whether the service process is gone."""
        return self._process is None or self._process.poll() is not None

    def greets(self) -> bool:
        """Whether a new connection is greeted with 220."""
        if not listening(self.port):
            return False
        try:
            with self.connect() as wire:
                return wire.greeting.code == 220
        except Lost:
            return False

    def terminate(self) -> None:
        """SIGTERM: end in good order."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        assert self._process is not None
        return self._process.wait(60)

    def stop(self) -> int:
        """SIGTERM, and wait for its end; returns the exit status."""
        self.terminate()
        return self.wait()

    def kill(self) -> None:
        """SIGKILL, as a power cut would end it; its screening processes end by themselves."""
        assert self._process is not None
        children = self.screening_processes()
        self._process.kill()
        self._process.wait()
        until(lambda: not any(map(_lives, children)), "the screening processes end with their service")

    def hang_up(self) -> None:
        """SIGHUP: reload the rules."""
        os.kill(self.pid, signal.SIGHUP)

    def screening_processes(self) -> list[int]:
        """The pids of its children."""
        return _children(self.pid)

    def connect(self) -> Wire:
        """A client's connection, greeted but not yet introduced."""
        return Wire(self.port)

    def send(
        self,
        content: bytes,
        *recipients: str,
        sender: str = "ben@example.net",
        parameters: str = "",
    ) -> Answer:
        """One mail over a connection of its own, to anna if nobody is named.

        Returns the first answer that is no success, else the final one.
        """
        with self.connect() as wire:
            if wire.greeting.code != 220:
                return wire.greeting
            wire.hello()
            answers = wire.send(sender, recipients or [f"anna@{DOMAIN}"], content, parameters=parameters)
        return next((answer for answer in answers if answer.code >= 400), answers[-1])

    @contextmanager
    def store(self) -> Iterator[SqliteStore]:
        """Its store, opened as the command line does: while it runs and while it does not."""
        store = SqliteStore.open(load(self.settings_file).store.folder)
        try:
            yield store
        finally:
            store.close()

    def entries(self, *states: State, mail_id: str = "") -> list[Entry]:
        """Every recipient the store knows: in these states, of this mail."""
        with self.store() as store:
            if mail_id:
                return [entry for entry in store.entries(mail_id) if not states or entry.state in states]
            return [entry for _, entry in store.search(SearchFor(states=states, limit=1_000_000))]

    def log(self) -> str:
        """Everything it has said."""
        log = self.folder / "log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def said(self, event: str) -> list[dict[str, object]]:
        """The log lines of one kind."""
        lines = (json.loads(line) for line in self.log().splitlines() if line.startswith("{") and line.endswith("}"))
        return [fields for fields in lines if fields.get("event") == event]

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value, summed over all series that have these labels; 0 when there is none."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=30) as answer:
            lines = answer.read().decode("utf-8").splitlines()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        values = (
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.partition("{")[0].partition(" ")[0] == name and all(one in line for one in wanted)
        )
        return sum(values)

    def healthy(self) -> bool:
        """What the health endpoint says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/health", timeout=30) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return False

    def command(self, *arguments: str, expect: int = 0) -> str:
        """Run one of its commands as the operator would; returns what it printed."""
        ran = subprocess.run(
            [SCREENER, *arguments, "--config", self.settings_file],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert ran.returncode == expect, f"{arguments} exited with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def peak_memory(self, pid: int | None = None) -> int:
        """The most octets the service (or that process) has had in memory so far, or since `forget_peak_memory`."""
        for line in Path(f"/proc/{pid or self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the kernel tells no VmHWM")

    def forget_peak_memory(self, pid: int | None = None) -> None:
        """Measure `peak_memory` from now on."""
        Path(f"/proc/{pid or self.pid}/clear_refs").write_text("5", encoding="ascii")


@contextmanager
def hop(
    folder: Path,
    *,
    settings: Settings | None = None,
    rules: Mapping[str, str] | None = None,
    port: int = 0,
    listener_tls: Certificate | None = None,
) -> Iterator[Hop]:
    """A hop below `folder`, not yet started; killed at the end if it still runs. `port`: where its listeners' settings say so."""
    made = Hop(folder, settings or {}, rules or NO_RULES, port=port, listener_tls=listener_tls)
    try:
        yield made
    finally:
        if not made.ended:
            made.kill()


@contextmanager
def running(
    folder: Path,
    *,
    settings: Settings | None = None,
    rules: Mapping[str, str] | None = None,
    port: int = 0,
    listener_tls: Certificate | None = None,
) -> Iterator[Hop]:
    """The same, started."""
    with hop(folder, settings=settings, rules=rules, port=port, listener_tls=listener_tls) as made:
        made.start()
        yield made


def _merged(defaults: Settings, changes: Settings) -> Settings:
    """The defaults with the changes laid over them, group by group; `domains` and `routes` are replaced whole."""
    merged = dict(defaults)
    for key, value in changes.items():
        old = merged.get(key)
        whole = key in ("domains", "routes") or not isinstance(old, Mapping) or not isinstance(value, Mapping)
        merged[key] = value if whole else _merged(old, value)  # type: ignore[arg-type]
    return merged


def _children(pid: int) -> list[int]:
    """Everybody whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
