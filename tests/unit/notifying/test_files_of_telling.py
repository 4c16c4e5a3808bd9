"""Files: settings by section, marks of what was told, the autostart entry."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess

import pytest

from rebalancer_gui.adapters.notifying.autostart import Autostart, start_command
from rebalancer_gui.adapters.notifying.marks import FileMarks
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.domain.errors import EnvironmentProblem


@pytest.fixture
def folder(tmp_path):
    with DataFolder(tmp_path) as opened:
        yield opened


def test_each_section_is_written_alone_and_what_is_unknown_stays(folder) -> None:
    folder.write_settings({"format": "rebalancer-settings", "version": 1, "future": {"x": 1}})
    SettingsFile(folder).write_section("window", {"theme": "dark"})
    SettingsFile(folder).write_section("notifications", {"paper": False})
    stored = json.loads(folder.settings_file.read_text())
    assert stored == {
        "format": "rebalancer-settings",
        "version": 1,
        "future": {"x": 1},
        "window": {"theme": "dark"},
        "notifications": {"paper": False},
    }
    assert SettingsFile(folder).section("window") == {"theme": "dark"}
    assert SettingsFile(folder).section("nothing") == {}


def test_the_settings_of_earlier_versions_are_the_windows(folder) -> None:
    folder.write_settings({"theme": "dark", "filter": "All"})
    settings = SettingsFile(folder)
    assert settings.section("window") == {"theme": "dark", "filter": "All"}
    settings.write_section("notifications", {})
    assert settings.section("window") == {"theme": "dark", "filter": "All"}


def test_settings_of_a_newer_version_are_neither_used_nor_overwritten(folder) -> None:
    folder.write_settings({"format": "rebalancer-settings", "version": 2, "window": {"theme": "dark"}})
    before = folder.settings_file.read_bytes()
    settings = SettingsFile(folder)
    assert settings.section("window") == {}
    with pytest.raises(EnvironmentProblem, match="version 2"):
        settings.write_section("window", {})
    assert folder.settings_file.read_bytes() == before


def test_damaged_settings_are_kept_aside_and_written_anew(folder) -> None:
    folder.settings_file.write_text("{broken")
    settings = SettingsFile(folder)
    assert settings.section("window") == {}
    assert settings.problem is not None
    settings.write_section("window", {"theme": "dark"})
    assert settings.section("window") == {"theme": "dark"}


def test_what_was_told_comes_back_and_only_its_owner_may_read_it(tmp_path) -> None:
    marks = FileMarks(tmp_path)
    assert asyncio.run(marks.read()) == {}
    asyncio.run(marks.write({"told": {"a|b": "2022-01-01T00:00:00+00:00"}, "skipping": {}}))
    assert asyncio.run(marks.read())["told"] == {"a|b": "2022-01-01T00:00:00+00:00"}
    assert marks.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "x"}', "[" * 100_000])
def test_marks_that_cannot_be_read_are_none(tmp_path, content) -> None:
    marks = FileMarks(tmp_path)
    marks.path.write_text(content)
    assert asyncio.run(marks.read()) == {}


def test_marks_that_cannot_be_written_are_no_error(tmp_path) -> None:
    marks = FileMarks(tmp_path / "gone")
    asyncio.run(marks.write({"told": {}}))
    assert not marks.path.exists()
    assert asyncio.run(marks.read()) == {}


def test_the_autostart_file_comes_and_goes_and_leaves_others_alone(tmp_path) -> None:
    autostart = Autostart("rebalancer", ["/opt/re balancer/bin/rebalancer-gui"], config_home=tmp_path)
    other = tmp_path / "autostart" / "other.desktop"
    assert not autostart.is_on()
    autostart.set(on=True)
    other.write_text("[Desktop Entry]\n")
    assert autostart.is_on()
    autostart.set(on=False)
    assert not autostart.is_on()
    assert [path.name for path in autostart.path.parent.iterdir()] == ["other.desktop"]
    autostart.set(on=False)


def test_logging_in_starts_the_program_minimised_and_an_older_file_that_did_not_counts_as_on(tmp_path) -> None:
    autostart = Autostart("rebalancer", ["/opt/rebalancer-gui"], config_home=tmp_path)
    autostart.set(on=True)
    written = autostart.path.read_text()
    assert 'Exec="/opt/rebalancer-gui" "--minimised"' in written
    autostart.path.write_text(written.replace(' "--minimised"', ""))
    assert autostart.is_on()


def test_an_autostart_file_of_another_place_does_not_count_as_on(tmp_path) -> None:
    Autostart("rebalancer", ["/old/rebalancer-gui"], config_home=tmp_path).set(on=True)
    assert not Autostart("rebalancer", ["/new/rebalancer-gui"], config_home=tmp_path).is_on()


@pytest.mark.parametrize("part", ["plain", "with space", 'a "quoted" one', "back\\slash", "$HOME", "100%", "`x`", "ü"])
def test_a_path_is_quoted_as_the_desktops_read_it(tmp_path, part) -> None:
    autostart = Autostart("rebalancer", ["printf", "%s", part], config_home=tmp_path)
    autostart.set(on=True)
    (line,) = [line for line in autostart.path.read_text().splitlines() if line.startswith("Exec=")]
    as_a_string = line.removeprefix("Exec=").replace("\\\\", "\\")
    # Within its quotes such a line has the escapes of a shell.
    started = subprocess.run(["sh", "-c", as_a_string.replace("%%", "%")], capture_output=True, text=True, check=False)
    assert started.stdout == f"{part}--minimised"
    if (checker := shutil.which("desktop-file-validate")) is not None:
        checked = subprocess.run([checker, str(autostart.path)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout


def test_a_path_that_no_such_file_can_hold_is_refused(tmp_path) -> None:
    with pytest.raises(EnvironmentProblem, match="control characters"):
        Autostart("rebalancer", ["/bin/x\nExec=evil"], config_home=tmp_path).set(on=True)


def test_another_data_folder_is_named_in_the_command(tmp_path) -> None:
    assert start_command(tmp_path)[-2:] == ["--data-dir", str(tmp_path)]
    assert "--data-dir" not in start_command(None)
