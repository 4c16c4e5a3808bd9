"""The window as a process: opened, raised by a second start, ended by the system."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ui.second_start import ask_in_another_process, open_window


@pytest.fixture
def program(tmp_path):
    """The window of a folder of its own, up and listening."""
    settings = tmp_path / "settings.json"
    process = open_window(str(tmp_path), settings)
    give_up = time.monotonic() + 30
    # It remembers the colours of the coins as soon as the first picture is drawn.
    while not settings.exists():
        assert process.poll() is None, "the window ended at once"
        assert time.monotonic() < give_up, "the window did not come up"
        time.sleep(0.05)
    yield process, settings
    if process.poll() is None:
        process.kill()
        process.wait(10)


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_a_signal_ends_the_window_and_its_engine_in_order(program, number):
    process, settings = program
    begun = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    assert time.monotonic() - begun < 4
    stored = json.loads(Path(settings).read_text(encoding="utf-8"))
    assert stored["detail_tab"] == "ratios"
    assert stored["geometry"]


def test_a_second_start_ends_at_once_and_the_first_goes_on(program, tmp_path):
    process, _ = program
    assert ask_in_another_process(str(tmp_path)).wait(15) == 0
    assert process.poll() is None


def reset_in_a_window(folder: Path, how: str) -> dict[str, str]:
    """What the owner of the program in ``resetting_start`` saw."""
    script = Path(__file__).with_name("resetting_start.py")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        [sys.executable, str(script), str(folder), how], env=environment, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    seen: dict[str, str] = json.loads(ran.stdout.decode().splitlines()[-1])
    return seen


@pytest.mark.rule("3a.10")
def test_a_reset_in_the_window_keeps_the_old_account_and_goes_on_with_a_new_one(tmp_path):
    seen = reset_in_a_window(tmp_path, "well")
    assert "anew" in seen["title"]
    (kept,) = (tmp_path / "backups").iterdir()
    assert str(kept) in seen["text"]
    assert {"ledger.sqlite", "paper-venue.sqlite"} <= {file.name for file in kept.iterdir()}
    assert seen["after"] == seen["money"], "the deposit went with the old account"
    assert (tmp_path / "accounts" / "paper" / "ledger.sqlite").exists()


@pytest.mark.rule("3a.10")
def test_a_reset_that_fails_keeps_everything_says_so_and_the_engine_goes_on(tmp_path):
    seen = reset_in_a_window(tmp_path, "refused")
    assert "not reset" in seen["title"]
    assert "The disk is full. Make room first." in seen["text"]
    assert not any((tmp_path / "backups").iterdir())
    assert float(seen["after"]) == 2 * float(seen["money"])


def test_a_backup_of_the_running_engine_comes_back_after_it_stopped_and_then_the_program_ends(tmp_path):
    script = Path(__file__).with_name("restoring_start.py")
    folder, backup = tmp_path / "data", tmp_path / "all.zip"
    ran = subprocess.run(
        [sys.executable, str(script), str(folder), str(backup)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, timeout=100, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    seen = json.loads(ran.stdout.decode().splitlines()[-1])
    assert "was made and checked: all.zip" in seen["backup"]
    assert float(seen["more"]) > float(seen["money"])
    assert seen["title"] == "The backup is in place"
    (kept,) = (folder / "backups").glob("folder-replaced-*")
    assert str(kept) in seen["text"]
    assert (kept / "accounts" / "paper" / "ledger.sqlite").exists()
    shown = subprocess.run(
        [sys.executable, "-m", "rebalancer_gui.cli", "--data-dir", str(folder), "account", "show", "--json"],
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert float(json.loads(shown.stdout)["free_pool"]["USDT"]) == float(seen["money"])
