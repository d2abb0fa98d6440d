"""What happens, a line each: for people on a terminal, as JSON lines everywhere else.

Promises that `say` costs its caller microseconds and never blocks, raises or grows without bound: the values go as they are into a
bounded queue, one thread makes lines of them and writes what has gathered in some milliseconds at once; warnings and errors are
written without delay. Nothing a stranger sent can break a line: every value is escaped and cut. A full disk, a closed terminal or
a blocked pipe lose lines, never mail; how many were lost is said once writing works again. A log file that was renamed away
(logrotate) is opened anew by its name.

What may be said is left to the callers: ids, addresses, rule names, list lines, places, replies; no text of a mail, no secret.
Of records from other packages only level, package, place and exception type are kept, because their texts may quote a mail.
"""

import json
import logging
import logging.handlers
import math
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

Value = str | int | float | bool | None | Sequence[str]

MAX_VALUE: Final = 512  # characters of one value
MAX_VALUES: Final = 32  # values of one sequence
MAX_WAITING: Final = 50_000  # lines between the callers and the writer; beyond it lines are lost and counted
_BATCH: Final = 500  # lines written at once
_REST: Final = 0.05  # seconds between two writes: a thread that wakes for each line costs the others more than the line does
_CLOSING: Final = 5.0  # seconds the closer waits for the writer
_FRAMES: Final = 4  # places named for an exception, innermost first

_logger: Final = logging.getLogger("screener")
_FIXED: Final = frozenset({"time", "level", "event"})
_QUOTED: Final = frozenset(' "=,\\')


def say(event: str, *, level: int = logging.INFO, **fields: Value) -> None:
    """One thing that happened. Fields that are None are left out; sequences must not be changed afterwards."""
    if _logger.isEnabledFor(level):
        record = logging.LogRecord(_logger.name, level, "", 0, event, None, None)
        record.fields = fields
        _logger.handle(record)


def trouble(error: BaseException, **fields: Value) -> None:
    """An exception nobody expected: its type and the innermost places it came through, never its message."""
    say("trouble", level=logging.ERROR, exception=type(error).__name__, place=places(error), **fields)


def places(error: BaseException) -> tuple[str, ...]:
    """Where an exception came from, innermost first: "screener/smtp/session.py:120 in data"."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return tuple(f"{_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in reversed(frames))


def setup(format: Literal["auto", "json", "text"], level: str, file: Path | None) -> Callable[[], None]:  # noqa: A002 the setting's name
    """Begin to write lines: to `file`, which is made with its folders, or to standard error. `auto` is text on a terminal, JSON
    elsewhere. Returns the closer, which writes what was said and may be called twice. Raises OSError when the file cannot be
    opened: at the start that is worth stopping for."""
    out = _Out(file)
    as_text = format == "text" or (format == "auto" and out.is_terminal)
    writer = _Writer(out, text_line if as_text else json_line)
    handler = _Handler(writer)
    root = logging.getLogger()
    before = root.level, _logger.level
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # other packages; ours have a level of their own
    _logger.setLevel(level.upper())

    def close() -> None:
        if handler in root.handlers:
            root.removeHandler(handler)
            root.setLevel(before[0])
            _logger.setLevel(before[1])
            writer.close()

    return close


def json_line(record: logging.LogRecord) -> str:
    """The record as one JSON object, ASCII only, time in UTC (RFC 3339)."""
    line: dict[str, object] = {
        "time": f"{_time_utc(int(record.created))}.{int(record.msecs):03d}Z",
        "level": record.levelname.lower(),
        "event": _event(record),
    }
    for name, value in _fields(record).items():
        if value is not None:
            line[name + "_" if name in _FIXED else name] = _json_value(value)
    return json.dumps(line).replace("\x7f", "\\u007f")


def text_line(record: logging.LogRecord) -> str:
    """The record for a terminal, in local time: `03:12:11 received       id=… sender=…`."""
    event = _shown(_event(record))
    if record.levelno >= logging.WARNING:
        event = f"{record.levelname} {event}"
    parts = [f"{_time_local(int(record.created))} {event:<12}"]
    parts += [f"{name}={_text_value(value)}" for name, value in _fields(record).items() if value is not None]
    return " ".join(parts).rstrip()


def _event(record: logging.LogRecord) -> str:
    """What happened; for a record of another package only that it spoke: its text may quote a mail."""
    return str(record.msg) if hasattr(record, "fields") else "other-package"


def _fields(record: logging.LogRecord) -> dict[str, Value]:
    """What was said; for a record of another package what can be told of it without its text."""
    fields: dict[str, Value] | None = getattr(record, "fields", None)
    if fields is not None:
        return fields
    fields = {"logger": record.name, "place": f"{_short(record.pathname)}:{record.lineno}"}
    if record.exc_info and record.exc_info[1] is not None:
        fields |= {"exception": type(record.exc_info[1]).__name__, "raised": places(record.exc_info[1])}
    return fields


def _json_value(value: Value) -> object:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else "(huge number)"
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # JSON has no NaN
    if isinstance(value, list | tuple):
        return _items(value)
    return f"({type(value).__name__})"  # never the repr of something unexpected


def _text_value(value: Value) -> str:
    if isinstance(value, str):
        return _shown(_cut(value))
    if isinstance(value, list | tuple):
        return ",".join(_shown(one) for one in _items(value)) or '""'
    return str(_json_value(value))


def _items(values: Sequence[str]) -> list[str]:
    items = [_cut(one) if isinstance(one, str) else f"({type(one).__name__})" for one in values[:MAX_VALUES]]
    return [*items, f"… {len(values) - MAX_VALUES} more"] if len(values) > MAX_VALUES else items


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def _shown(text: str) -> str:
    """One printable word, quoted where a reader could mistake its borders; control and direction characters become escapes."""
    if text.isprintable() and text.isascii() and not _QUOTED.intersection(text) and text:
        return text
    escaped = "".join(_escaped(one) for one in text)
    return f'"{escaped}"' if not text or _QUOTED.intersection(text) else escaped


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _short(path: str) -> str:
    """The last three steps of a source path: enough to find it, nothing about the machine."""
    return "/".join(Path(path).parts[-3:])


class _Clock:
    """Whole seconds as text, made once a second."""

    def __init__(self, shape: str, parts: Callable[[float], time.struct_time]) -> None:
        self._shape, self._parts = shape, parts
        self._made = (0, "")

    def __call__(self, second: int) -> str:
        made = self._made
        if made[0] != second:
            made = self._made = (second, time.strftime(self._shape, self._parts(second)))
        return made[1]


_time_utc: Final = _Clock("%Y-%m-%dT%H:%M:%S", time.gmtime)
_time_local: Final = _Clock("%H:%M:%S", time.localtime)


class _Handler(logging.handlers.QueueHandler):
    """Puts records as they are into the writer's queue: our values are immutable, so nothing needs to be made of them here."""

    def __init__(self, writer: "_Writer") -> None:
        super().__init__(writer.waiting)
        self._writer = writer

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        waiting = self._writer.waiting
        if waiting.qsize() < MAX_WAITING:
            waiting.put_nowait(record)
            if record.levelno >= logging.WARNING:
                self._writer.urgent.set()
        else:
            self._writer.lost += 1  # approximate between threads; the number only tells how bad it was


class _Writer:
    """The thread that makes lines of records and writes whatever has gathered at once."""

    def __init__(self, out: "_Out", line: Callable[[logging.LogRecord], str]) -> None:
        self.waiting: queue.SimpleQueue[logging.LogRecord | None] = queue.SimpleQueue()
        self.urgent = threading.Event()  # do not rest now
        self.lost = 0
        self._out, self._line = out, line
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is waiting; a blocked pipe is given up after some seconds."""
        self.waiting.put(None)
        self.urgent.set()
        self._thread.join(_CLOSING)

    def _run(self) -> None:
        open_ = True
        while open_:
            gathered = [self.waiting.get()]
            while len(gathered) < _BATCH and not self.waiting.empty():
                gathered.append(self.waiting.get_nowait())
            open_ = None not in gathered
            self._write([record for record in gathered if record is not None])
            if open_ and len(gathered) < _BATCH:
                self.urgent.wait(_REST)
                self.urgent.clear()  # what was urgent is in the queue already
        self._out.close()

    def _write(self, records: list[logging.LogRecord]) -> None:
        lost, self.lost = self.lost, 0
        if lost:
            record = logging.LogRecord(_logger.name, logging.WARNING, "", 0, "log-lost", None, None)
            record.fields = {"lines": lost}
            records.append(record)
        if records and not self._out.write("".join(self._line(record) + "\n" for record in records)):
            self.lost += lost + len(records) - bool(lost)


class _Out:
    """The end the lines go to. Errors are answers here, not exceptions: the log must never stop the mail."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._descriptor = 2
        self._torn = False  # the last write ended within a line
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = _open(file)

    @property
    def is_terminal(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, lines: str) -> bool:
        """Whether all of it was written. After a failure in mid-line the next write begins a new one."""
        octets = lines.encode("utf-8", "backslashreplace")
        try:
            self._follow()
            if self._torn:
                octets = b"\n" + octets
            while octets:
                written = os.write(self._descriptor, octets)
                self._torn = octets[written - 1 : written] != b"\n"
                octets = octets[written:]
        except OSError:
            return False
        return True

    def _follow(self) -> None:
        """Open the file anew when its name means another file than ours, or none: it was rotated away."""
        if self._file is None:
            return
        try:
            there = self._file.stat()
            ours = os.fstat(self._descriptor)
            if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                return
        except FileNotFoundError:
            pass
        fresh = _open(self._file)
        os.close(self._descriptor)
        self._descriptor, self._torn = fresh, False

    def close(self) -> None:
        if self._file is not None:
            os.close(self._descriptor)


def _open(file: Path) -> int:
    return os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
