"""The data folder: its layout, one run at a time, settings that are replaced whole or not at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder, default_data_folder, is_account_name
from rebalancer_gui.domain.errors import AnotherInstance, EnvironmentProblem, InvalidInput, InvariantBroken
from tests.support.unprivileged import folder_of_somebody

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.domain.errors import AnotherInstance
try:
    DataFolder(Path(sys.argv[1])).open()
except AnotherInstance:
    print("refused", flush=True)
else:
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another run of the program on `folder`; its first line says whether it got in."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, folder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


class TestLayout:
    def test_everything_lies_below_the_folder_and_is_for_the_owner_only(self, tmp_path: Path) -> None:
        base = tmp_path / "new" / "data"
        with DataFolder(base) as folder:
            folder.write_settings({})
            assert folder.ledger_file("paper") == base / "accounts" / "paper" / "ledger.sqlite"
            assert folder.paper_venue_file("paper") == base / "accounts" / "paper" / "paper-venue.sqlite"
            assert (folder.backups, folder.logs) == (base / "backups", base / "logs")
            found = [base, *base.rglob("*")]
        assert {str(p.relative_to(base)) for p in found} == {
            ".",
            "lock",
            "install.json",
            "settings.json",
            "backups",
            "logs",
            "accounts",
            "accounts/paper",
        }
        assert [p for p in found if p.stat().st_mode & 0o077] == []

    def test_the_default_is_the_users_own_data_folder(self, home: Path) -> None:
        assert default_data_folder().is_relative_to(home)
        assert DataFolder().path == default_data_folder()

    def test_accounts_are_listed_by_name(self, tmp_path: Path) -> None:
        with DataFolder(tmp_path) as folder:
            assert folder.account_names() == ()
            folder.account_folder("paper")
            folder.account_folder("My Binance")
            (tmp_path / "accounts" / "stray file").touch()
            (tmp_path / "accounts" / ".hidden").mkdir()
            assert folder.account_names() == ("My Binance", "paper")

    @pytest.mark.parametrize(
        "name",
        (
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "/etc",
            "a\0b",
            " a",
            "a ",
            "a.",
            "-a",
            "con",
            "COM1.txt",
            "é",
            "a" * 41,
            "a\n",
        ),
    )
    def test_a_name_that_leads_out_of_the_folder_is_refused(self, tmp_path: Path, name: str) -> None:
        assert not is_account_name(name)
        with DataFolder(tmp_path) as folder, pytest.raises(InvalidInput, match="cannot be the name of an account"):
            folder.ledger_file(name)
        assert not (tmp_path / "accounts").exists()

    @pytest.mark.parametrize("name", ("a", "paper", "Kraken 2", "x.y_z-1", "a" * 40))
    def test_plain_names_are_legal(self, name: str) -> None:
        assert is_account_name(name)


class TestTag:
    def test_the_install_tag_is_made_once(self, tmp_path: Path) -> None:
        with DataFolder(tmp_path) as folder:
            tag = folder.tag
        with DataFolder(tmp_path) as folder:
            assert folder.tag == tag
        with pytest.raises(InvariantBroken):
            _ = folder.tag

    def test_a_given_source_makes_the_tag(self, tmp_path: Path) -> None:
        with DataFolder(tmp_path, make_tag=lambda: "demo") as folder:
            assert folder.tag == "demo"

    @pytest.mark.parametrize(
        "content", ("", "{}", '{"format":"rebalancer-install","version":2,"tag":"abcd"}', "[" * 100_000)
    )
    def test_a_damaged_install_file_is_reported_and_left_as_it_is(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "install.json").write_text(content)
        folder = DataFolder(tmp_path)
        with pytest.raises(EnvironmentProblem, match=r"install\.json cannot be understood"):
            folder.open()
        assert (tmp_path / "install.json").read_text() == content
        # The lock was given up: the refusal is the file's, not another instance's.
        with pytest.raises(EnvironmentProblem, match=r"install\.json cannot be understood"):
            folder.open()


@pytest.mark.failure(47)
class TestOneRunAtATime:
    def test_of_many_that_start_at_once_one_gets_in_and_after_its_kill_another(self, tmp_path: Path) -> None:
        with DataFolder(tmp_path):
            pass  # the folder is there: they race for the lock alone
        for _ in range(2):
            runs = [hold(tmp_path) for _ in range(12)]
            said = [first_line(run) for run in runs]
            assert sorted(said) == ["held"] + ["refused"] * 11
            for run, word in zip(runs, said, strict=True):
                with run:
                    if word == "held":
                        run.kill()

    @pytest.mark.failure(47)
    def test_a_second_run_is_refused_and_told_who_has_the_folder(self, tmp_path: Path) -> None:
        with hold(tmp_path) as holder:
            assert first_line(holder) == "held"
            with pytest.raises(AnotherInstance, match=rf"already running .*{tmp_path}.* \(process {holder.pid}\)"):
                DataFolder(tmp_path).open()
            holder.kill()

    @pytest.mark.failure(47)
    def test_a_lock_left_by_a_crash_is_no_hindrance(self, tmp_path: Path) -> None:
        with hold(tmp_path) as holder:
            assert first_line(holder) == "held"
            holder.kill()
        assert (tmp_path / "lock").exists()
        with DataFolder(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"

    def test_of_many_that_start_at_once_one_gets_in(self, tmp_path: Path) -> None:
        runs = [hold(tmp_path) for _ in range(8)]
        answers = [first_line(run) for run in runs]
        for run in runs:
            with run:
                run.kill()
        assert sorted(answers) == ["held"] + ["refused"] * 7

    def test_the_same_process_gets_in_once(self, tmp_path: Path) -> None:
        with DataFolder(tmp_path), pytest.raises(AnotherInstance):
            DataFolder(tmp_path).open()
        with DataFolder(tmp_path) as folder:
            folder.close()
            folder.close()

    def test_a_holder_that_is_not_known_is_not_named(self, tmp_path: Path) -> None:
        with DataFolder(tmp_path):
            (tmp_path / "lock").write_text("")
            with pytest.raises(AnotherInstance) as caught:
                DataFolder(tmp_path).open()
        assert "process" not in caught.value.message


class TestRights:
    def test_a_folder_that_may_not_be_written_is_named(self) -> None:
        with folder_of_somebody() as base:
            base.chmod(0o500)
            for place in (base, base / "below"):
                with pytest.raises(EnvironmentProblem, match=r"cannot be used: Permission denied") as caught:
                    DataFolder(place).open()
                assert str(place) in caught.value.message
                assert "--data-dir" in caught.value.advice

    def test_a_file_in_the_place_of_the_folder_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("x")
        with pytest.raises(EnvironmentProblem, match="Not a directory"):
            DataFolder(tmp_path / "data").open()


class TestSettings:
    def test_settings_come_back_as_they_were(self, tmp_path: Path) -> None:
        settings = {
            "theme": "dark",
            "columns": ["name", "größe"],
            "window": {"width": 1200, "maximised": True, "x": None},
        }
        with DataFolder(tmp_path) as folder:
            assert folder.read_settings().values == {}
            folder.write_settings(settings)
        with DataFolder(tmp_path) as folder:
            stored = folder.read_settings()
        assert stored.values == settings
        assert stored.problem is None

    @pytest.mark.parametrize(
        "content", (b"", b"{", b"[1, 2]", b"\xff\xfe{}", b"[" * 100_000, b'"' + b"x" * 1_100_000 + b'"')
    )
    def test_damaged_settings_are_reported_and_a_copy_is_kept(self, tmp_path: Path, content: bytes) -> None:
        with DataFolder(tmp_path) as folder:
            folder.settings_file.write_bytes(content)
            for _ in range(2):
                stored = folder.read_settings()
                assert stored.values == {}
                assert stored.problem is not None
                assert "settings.json.damaged" in stored.problem.advice
                assert folder.settings_file.read_bytes() == content
            folder.write_settings({"theme": "light"})
            assert folder.read_settings().problem is None
            folder.settings_file.write_bytes(b"damaged again")
            folder.read_settings()
        copies = sorted(p.name for p in tmp_path.glob("settings.json.damaged*"))
        assert copies == ["settings.json.damaged", "settings.json.damaged-2"]
        assert (tmp_path / "settings.json.damaged").read_bytes() == content
        assert (tmp_path / "settings.json.damaged-2").read_bytes() == b"damaged again"

    def test_a_write_that_is_cut_short_leaves_the_old_settings(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_room(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with DataFolder(tmp_path) as folder:
            folder.write_settings({"theme": "dark"})
            monkeypatch.setattr("rebalancer_gui.adapters.storage.safe_files.os.fsync", no_room)
            with pytest.raises(EnvironmentProblem, match="No space left"):
                folder.write_settings({"theme": "light"})
            monkeypatch.undo()
            assert json.loads(folder.settings_file.read_bytes()) == {"theme": "dark"}
            folder.write_settings({"theme": "light"})
            assert folder.read_settings().values == {"theme": "light"}
