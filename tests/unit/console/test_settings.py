"""`rebalancer settings ...`: listed, changed, exported and imported with the exit codes of docs/files.md."""

import json
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.cli import main


class Console:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def say(self, *words: object) -> tuple[int, str, str]:
        try:
            code = main(["--data-dir", str(self.folder), "settings", *map(str, words)])
        except SystemExit as end:
            code = int(str(end.code))
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(tmp_path / "data", capsys)


def test_settings_are_listed_with_default_and_legal_values_and_changed_by_key(console: Console) -> None:
    code, out, err = console.say("set", "notifications.low_bnb", "0.5", "--json")
    assert (code, err) == (0, "")
    (row,) = json.loads(out)
    assert (row["key"], row["value"], row["default"], row["fault"]) == ("notifications.low_bnb", "0.5", "0.01", "")
    assert "0 to 1000 BNB" in row["legal"]
    rows = {row["key"]: row for row in json.loads(console.say("list", "--json")[1])}
    assert rows["notifications.low_bnb"]["value"] == "0.5"
    assert rows["program.language"]["legal"] == "one of system, en, de"


def test_a_value_that_is_not_legal_and_an_unknown_key_exit_with_2(console: Console) -> None:
    code, _, err = console.say("set", "program.language", "klingon")
    assert (code, err) == (2, 'program.language: "klingon" is not one of system, en, de.\n')
    code, _, err = console.say("set", "window.hat", "on")
    assert code == 2
    assert err.startswith("key: There is no such setting.")


def test_an_export_goes_into_another_folder_after_its_changes_were_agreed_to(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    console.say("set", "window.theme", "dark")
    assert console.say("export", file)[0] == 0
    assert console.say("export", file)[0] == 2  # it is there already
    other = Console(tmp_path / "other", console._capsys)
    code, _, err = other.say("import", file)
    assert (code, err) == (2, "file: an import needs --yes where nobody can be asked\n")
    assert json.loads(other.say("list", "--json")[1])[0]["value"] == "system"
    code, out, _ = other.say("import", file, "--yes", "--json")
    assert code == 0
    assert json.loads(out) == {
        "changed": True,
        "changes": [{"key": "window.theme", "before": "system", "after": "dark"}],
    }
    assert json.loads(other.say("import", file, "--yes", "--json")[1]) == {"changed": False, "changes": []}


def test_a_hostile_file_exits_with_2_and_a_missing_one_with_1(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"format": "rebalancer-settings-export", "version": 1, "settings": {"accounts.live": true}}')
    code, _, err = console.say("import", file, "--yes")
    assert code == 2
    assert "no such settings" in err
    assert console.say("import", tmp_path / "nothing.json", "--yes")[0] == 1


def test_while_another_instance_runs_it_exits_with_3(console: Console) -> None:
    with DataFolder(console.folder):
        assert console.say("set", "window.theme", "dark")[0] == 3
