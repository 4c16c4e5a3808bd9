"""The window as a process: opened, raised by a second start, ended by the system."""

import json
import signal
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
