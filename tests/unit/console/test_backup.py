"""`rebalancer backup FILE` and `rebalancer restore FILE` with the exit codes of docs/files.md."""

import json
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import backup_door
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.cli import main


class Console:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def say(self, *words: object) -> tuple[int, str, str]:
        code = main(["--data-dir", str(self.folder), *map(str, words)])
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(tmp_path / "data", capsys)


def test_a_folder_goes_into_one_file_and_comes_back_somewhere_else(console: Console, tmp_path: Path) -> None:
    assert console.say("account", "deposit", "USDT", "250")[0] == 0
    file = tmp_path / "all.zip"
    code, out, _ = console.say("backup", file, "--json")
    assert code == 0
    answer = json.loads(out)
    assert (answer["verified"], answer["accounts"], answer["bytes"]) == (True, ["paper"], str(file.stat().st_size))
    assert answer["left_out"] == ["keys.vault", "logs", "cache", "backups"]
    code, _, err = console.say("backup", file)
    assert (code, "is there already" in err) == (2, True)
    other = Console(tmp_path / "other", console._capsys)
    code, _, err = other.say("restore", file)
    assert (code, err) == (2, "file: a restore needs --yes where nobody can be asked\n")
    code, out, _ = other.say("restore", file, "--yes", "--json")
    assert code == 0
    answer = json.loads(out)
    assert answer["restored"]
    assert Path(answer["kept"]).is_dir()
    pools = [json.loads(c.say("account", "show", "--json")[1])["free_pool"] for c in (console, other)]
    assert pools[0] == pools[1] != {}


def test_no_backup_exits_with_2_and_a_program_that_runs_and_does_not_answer_with_3(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_door, "TAKEN_WITHIN", 0.1)
    file = tmp_path / "thing.zip"
    file.write_text("no zip")
    assert console.say("restore", file, "--yes")[0] == 2
    with DataFolder(console.folder):
        code, _, err = console.say("restore", file, "--yes")
        assert (code, "already running" in err) == (3, True)
        code, _, err = console.say("backup", tmp_path / "all.zip")
        assert (code, "does not take up the backup" in err) == (3, True)
    assert not (tmp_path / "all.zip").exists()
