"""Where the store lies, found without reading all settings: the same folder, or none where all of them have to speak."""

from pathlib import Path

import pytest

from screener.config.file import load
from screener.config.whereabouts import store_folder

NEEDED = "listeners: [{name: a}]\nroutes: {b: {maildir: c}}\n"


@pytest.mark.parametrize(
    "written", ["store: {folder: kept}", "store:\n  hold: {age: 3 days}\n  folder: ./kept/", 'store: {folder: "../{NAME}/kept"}']
)
def test_it_is_the_folder_that_all_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "screener.yaml").write_text(NEEDED + written.replace("{NAME}", tmp_path.name) + "\n")
    monkeypatch.chdir(tmp_path)
    assert store_folder(Path("screener.yaml")) == load(Path("screener.yaml")).store.folder


def test_it_is_below_the_folder_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "there" / "kept").mkdir(parents=True)
    (tmp_path / "there" / "screener.yaml").write_text(NEEDED + "store: {folder: kept}\n")
    (tmp_path / "link.yaml").symlink_to("there/screener.yaml")
    assert store_folder(tmp_path / "link.yaml") == load(tmp_path / "link.yaml").store.folder == tmp_path / "there" / "kept"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- store",
        "stroe: {folder: kept}",
        "store: kept",
        "store: {foldre: kept}",
        "store: {folder: }",
        "store: {folder: ''}",
        "store: {folder: [kept]}",
        'store: {folder: "kept\\0"}',
        "store: {folder: kept, folder: kept}",
        "store: &a {folder: kept}",
        "store: {folder: not-there}",
        "store: {folder: screener.yaml}",
        "store: {folder: kept",
    ],
)
def test_where_it_is_not_plain_all_settings_are_asked(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "screener.yaml").write_text(text)
    assert store_folder(tmp_path / "screener.yaml") is None


def test_no_file_is_for_all_settings_to_complain_of(tmp_path: Path) -> None:
    assert store_folder(tmp_path / "screener.yaml") is None
    assert store_folder(tmp_path) is None
