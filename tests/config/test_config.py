"""The settings: what is complained of and how, the commented sample, and that odd input is refused, never raised."""

import ipaddress
import json
import os
import re
import tempfile
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from screener import files, yamlfile
from screener.config.file import load
from screener.config.group import Settings
from screener.config.hostport import HostPort, host_port
from screener.config.models import Config, lookup_domain
from screener.yamlfile import Complaints, Mapping, Node, Sequence, plain

HERE = Path(__file__).parents[1]
SAMPLE = HERE.parent / "screener.yaml"
CASES = sorted(path for path in (HERE / "config_cases").iterdir() if path.is_dir())


def complaints_of(path: Path) -> str:
    with pytest.raises(Complaints) as raised:
        load(path)
    return str(raised.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_file_is_complained_of_word_for_word(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    found = complaints_of(Path("screener.yaml")).replace(f"{case.resolve()}/", "FOLDER/")
    assert found == (case / "expected.txt").read_text().rstrip("\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_complaint_has_a_place_and_is_one_line_a_person_can_read(case: Path) -> None:
    for line in (case / "expected.txt").read_text().splitlines():
        assert re.fullmatch(r"screener\.yaml:\d+:\d+: .{10,400}", line)
        assert not re.search(r"pydantic|type=|tuple|after validation|NoneType|Traceback", line)


# the commented sample


def sample_with_comments_as_settings() -> Mapping:
    """The sample with every commented setting made a setting: `# key: value` and `# - value` lines lose their "# "."""
    lines = []
    for line in SAMPLE.read_text().splitlines():
        commented = re.fullmatch(r"( *)# ( *[a-z_]+:.*)", line)
        lines.append(commented[1] + commented[2] if commented else line)
    node = yamlfile.read("\n".join(lines).encode(), "screener.yaml")
    assert isinstance(node, Mapping)
    return node


def groups_in(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every group of settings with its path; tables and lists add a "*"."""
    yield path, model
    for name, field in model.model_fields.items():
        text = str(field.annotation)
        for group in Settings.__subclasses__() + [one for sub in Settings.__subclasses__() for one in sub.__subclasses__()]:
            if re.search(rf"\b{group.__name__}\b", text):
                star = ".*" if "tuple" in text or "dict" in text else ""
                yield from groups_in(group, f"{path}.{name}{star}".lstrip("."))


def written_at(node: Node, steps: list[str]) -> Iterator[Node]:
    if not steps:
        yield node
    elif isinstance(node, Mapping):
        for entry in node.entries:
            if steps[0] in ("*", entry.key.text):
                yield from written_at(entry.value, steps[1:])
    elif isinstance(node, Sequence) and steps[0] == "*":
        for one in node:
            yield from written_at(one, steps[1:])


SETTINGS = [
    pytest.param(path, name, model, id=f"{path}.{name}".lstrip("."))
    for path, model in groups_in(Config)
    for name in model.model_fields
]
OWN = {"hostname", "listeners.*.port"}  # where the sample says something of its own, because the default would not do
EXAMPLES = {"domains", "routes.*.next_hops"}


def test_the_groups_are_all_found() -> None:
    assert {path for path, _ in groups_in(Config)} >= {
        "",
        "listeners.*.tls",
        "routes.*.auth",
        "store.hold",
        "limits",
        "log",
        "domains.*",
    }


@pytest.mark.parametrize(("path", "name", "model"), SETTINGS)
def test_the_sample_documents_every_key_with_its_default(path: str, name: str, model: type[BaseModel]) -> None:
    steps = [*filter(None, path.split(".")), name]
    found = list(written_at(sample_with_comments_as_settings(), steps))
    assert found, f"{'.'.join(steps)} does not stand in screener.yaml"
    field = model.model_fields[name]
    default = field.get_default(call_default_factory=True, validated_data={})
    if field.is_required() or default is None or isinstance(default, BaseModel) or ".".join(steps) in OWN | EXAMPLES:
        return  # an example, or a group whose own settings are looked at
    reader: TypeAdapter[object] = TypeAdapter(typing.get_type_hints(model, include_extras=True)[name])
    assert [reader.validate_python(plain(node)) for node in found] == [default] * len(found)


def test_every_line_of_the_sample_that_looks_like_a_setting_is_known() -> None:
    known = {name for _, model in groups_in(Config) for name in model.model_fields}
    names = {"example.org", "local", "exchange"}  # of a domain and of routes
    assert set(keys_in(sample_with_comments_as_settings())) <= known | names


def keys_in(node: Node) -> Iterator[str]:
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield entry.key.text
            yield from keys_in(entry.value)
    elif isinstance(node, Sequence):
        for one in node:
            yield from keys_in(one)


def test_the_sample_itself_can_be_used() -> None:
    config = load(SAMPLE)
    assert config.route_of("example.org") == "local"
    assert config.route_of("example.net") is None
    assert config.metrics == ("127.0.0.1", 9725)


def test_the_shortest_file_gives_every_default(tmp_path: Path) -> None:
    config = written(tmp_path, SHORT)
    sample = load(SAMPLE)
    for name in ("limits", "retry", "timeouts", "callout", "screening", "log"):
        assert getattr(config, name) == getattr(sample, name)
    assert config.store.folder == tmp_path / "var/store"


# what good files give

SHORT = """
listeners: [{name: inbound}]
routes: {exchange: {next_hops: [mail.example.net]}}
"""


def written(folder: Path, text: str) -> Config:
    path = folder / "screener.yaml"
    path.write_text(text)
    return load(path)


def test_paths_are_relative_to_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "people.txt").write_text("a@example.org\n")
    monkeypatch.chdir(tmp_path / "sub")
    text = SHORT + "domains: {example.org: {route: exchange, verify: list, recipients: people.txt}}\nstore: {folder: /srv/mail}\n"
    (tmp_path / "screener.yaml").write_text(text)
    config = load(Path("../screener.yaml"))
    assert config.domains["example.org"].recipients == tmp_path / "people.txt"
    assert config.control == tmp_path / "var/control.sock"
    assert config.store.folder == Path("/srv/mail")


def test_one_setting_of_a_place_leaves_the_others_at_their_default(tmp_path: Path) -> None:
    config = written(tmp_path, SHORT + "store: {hold: {age: 5 days}, dropped: {size: 1 GiB}}\n")
    assert (config.store.hold.age, config.store.hold.size) == (5 * 86400, 10 * 1024**3)
    assert (config.store.dropped.age, config.store.dropped.size) == (3 * 86400, 1024**3)


def test_words_that_yaml_would_take_for_something_else_stay_words(tmp_path: Path) -> None:
    config = written(tmp_path, "listeners: [{name: no, port: 0o25}]\nroutes: {on: {maildir: 1.0}}\n".replace("0o25", "025"))
    assert config.listeners[0].name == "no"
    assert config.listeners[0].port == 25
    assert config.routes["on"].maildir == tmp_path / "1.0"


def test_metrics_can_be_turned_off(tmp_path: Path) -> None:
    assert written(tmp_path, SHORT + "metrics: off\n").metrics is None
    assert written(tmp_path, SHORT + "metrics: '[::1]'\n").metrics == ("::1", 9725)
    assert written(tmp_path, SHORT).metrics == ("127.0.0.1", 9725)


def test_domains_and_networks_are_read_in_their_normal_form(tmp_path: Path) -> None:
    text = "domains: {.Example.ORG: {route: exchange}, münchen.example: {route: exchange}}\n"
    text += "front_relays: [192.0.2.5, '2001:db8::/32']\n"
    config = written(tmp_path, SHORT + text)
    assert set(config.domains) == {".example.org", "xn--mnchen-3ya.example"}
    assert config.front_relays == (ipaddress.ip_network("192.0.2.5/32"), ipaddress.ip_network("2001:db8::/32"))


def test_the_closest_domain_wins(tmp_path: Path) -> None:
    domains = "domains: {.example.org: {route: a}, sales.example.org: {route: b}, .de.example.org: {route: c}}\n"
    routes = "listeners: [{name: inbound}]\nroutes: {a: {maildir: a}, b: {maildir: b}, c: {maildir: c}}\n"
    config = written(tmp_path, routes + domains)
    names = (
        "example.org",
        "x.example.org",
        "sales.example.org",
        "x.sales.example.org",
        "de.example.org",
        "x.y.de.example.org",
        "org",
        "",
    )
    found = [lookup_domain(config.domains, name) for name in names]
    assert [domain and domain.route for domain in found] == ["a", "a", "b", "a", "c", "c", None, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail.example.net", HostPort("mail.example.net", 25)),
        ("mail.example.net:2525", HostPort("mail.example.net", 2525)),
        ("192.0.2.1:587", HostPort("192.0.2.1", 587)),
        ("[2001:db8::1]", HostPort("2001:db8::1", 25)),
        ("[2001:db8::1]:26", HostPort("2001:db8::1", 26)),
        ("localhost", HostPort("localhost", 25)),
    ],
)
def test_a_next_hop_is_read_and_shown_alike(text: str, expected: HostPort) -> None:
    assert host_port(text, 25) == expected
    assert host_port(str(expected), 1) == expected


def test_a_log_file_that_is_a_folder_is_complained_of(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(Complaints, match=r"screener.yaml:4:13: file: .*/log is a folder: expected a file"):
        written(tmp_path, SHORT + "log: {file: log}\n")


def test_settings_that_are_no_file_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "screener.yaml")
    assert complaints_of(tmp_path / "screener.yaml").endswith("screener.yaml:1:1: cannot be read: is no regular file")
    assert complaints_of(Path("/dev/zero")) == "/dev/zero:1:1: cannot be read: is no regular file"


def test_settings_without_end_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "screener.yaml").touch()
    os.truncate(tmp_path / "screener.yaml", files.MAX_OCTETS + 1)
    assert complaints_of(tmp_path / "screener.yaml").endswith(f"cannot be read: is larger than {files.MAX_OCTETS} octets")


def test_files_that_are_named_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "screener.yaml").write_text(
        "listeners: [{name: inbound, tls: {certificate: fifo, key: fifo}}]\n"
        "domains: {example.org: {route: exchange, verify: list, recipients: fifo}}\n"
        "routes:\n"
        "  exchange:\n"
        "    next_hops: [192.0.2.10]\n"
        "    tls: verified\n"
        "    ca_file: fifo\n"
        "    auth: {user: a, password_file: fifo}\n"
    )
    lines = complaints_of(tmp_path / "screener.yaml").splitlines()
    named = ["certificate", "key", "recipients", "ca_file", "password_file"]
    assert [line.split(": ", 1)[1] for line in lines] == [
        f"{name}: {tmp_path}/fifo cannot be read: is no regular file" for name in named
    ]


@pytest.mark.parametrize("key", ["certificate", "key"])
def test_a_certificate_without_end_is_not_read(tmp_path: Path, key: str) -> None:
    for name in ("certificate", "key"):
        (tmp_path / name).write_text("no PEM")
    os.truncate(tmp_path / key, files.MAX_OCTETS + 1)
    (tmp_path / "screener.yaml").write_text(
        "listeners: [{name: inbound, tls: {certificate: certificate, key: key}}]\nroutes: {local: {maildir: mail}}\n"
    )
    expected = f"{key}: {tmp_path}/{key} cannot be read: is larger than {files.MAX_OCTETS} octets"
    assert [line.split(": ", 1)[1] for line in complaints_of(tmp_path / "screener.yaml").splitlines()] == [expected]


def test_folders_that_are_there_or_can_be_made_are_not_complained_of(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    for folder in ("there", "link/store", "new/and/deep"):
        assert written(tmp_path, SHORT + f"store: {{folder: {folder}}}\nlog: {{file: {folder}/x.log}}\n")
    assert not (tmp_path / "new").exists(), "whoever checks makes nothing"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_a_folder_that_may_not_be_made_is_complained_of() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "screener.yaml").write_text(SHORT + "store: {folder: var/store}\nlog: {file: var/x.log}\n")
        os.seteuid(65534)
        try:
            with pytest.raises(Complaints) as raised:
                load(folder / "screener.yaml")
        finally:
            os.seteuid(0)
    assert str(raised.value).count(f"cannot be made: this user may not write in {folder}") == 2


# nothing but Complaints, whatever is written

ODD_TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "~",
            "null",
            "yes",
            "-1",
            "0",
            "1e400",
            "NaN",
            "inf",
            "9" * 400,
            "١٢",
            "٣ s",
            "\x00",
            "/",
            "..",
            "*",
            "a" * 70,
            "@",
            "off",
        ]
    ),
    st.text(max_size=20),
)
ODD: st.SearchStrategy[object] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), ODD_TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_TEXTS, inner, max_size=3)),
    max_leaves=6,
)
KEYS = sorted({name for _, model in groups_in(Config) for name in model.model_fields})


@st.composite
def odd_settings(draw: st.DrawFn) -> dict[str, object]:
    """The known groups and keys, with something odd in the place of some values."""
    top: dict[str, object] = {
        "listeners": [{"name": "inbound"}],
        "routes": {"r": {"maildir": "m"}},
        "domains": {"d.example": {"route": "r"}},
    }
    for name in draw(st.lists(st.sampled_from(sorted(Config.model_fields)), max_size=4)):
        inner = st.dictionaries(st.sampled_from(KEYS), ODD, max_size=4)
        top[name] = draw(st.one_of(ODD, inner, st.lists(inner, max_size=2), st.dictionaries(ODD_TEXTS, inner, max_size=2)))
    return top


@given(odd_settings())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_values_are_complained_of_and_never_raise(tmp_path: Path, odd: dict[str, object]) -> None:
    path = tmp_path / "screener.yaml"
    path.write_text(json.dumps(odd), encoding="utf-8")
    try:
        config = load(path)
    except Complaints as complaints:
        assert all(complaint.place.path == str(path) for complaint in complaints.complaints)
        assert all(len(complaint.text) < 1000 for complaint in complaints.complaints)
    else:
        assert config.listeners


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_are_complained_of_and_never_raise(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "screener.yaml"
    path.write_bytes(octets)
    with pytest.raises(Complaints):
        load(path)
