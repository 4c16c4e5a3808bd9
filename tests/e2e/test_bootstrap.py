"""The set-up as a person uses it: as a process, in a checkout of its own."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from tests.e2e.checkout import Checkout, finish, read_until

pytestmark = pytest.mark.e2e

SETTING_UP = "[set-up] installing"


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A checkout whose headless environment is made, and what the first start said."""
    checkout = Checkout.make(tmp_path_factory.mktemp("set-up") / "checkout")
    code, output = checkout.run("run", "--headless")
    assert code == 0, output
    return checkout, output


def told(output):
    """What the program said about itself: the last line that is JSON."""
    return json.loads([line for line in output.splitlines() if line.startswith("{")][-1])


def test_the_first_start_says_what_it_makes_and_starts_the_engine(ready):
    checkout, output = ready

    assert "first start: making a private environment in .rebalancer-env/core" in output
    assert "installing 1 packages by their hashes" in output
    assert told(output) == {
        "arguments": ["run", "--create-demo"],
        "module": "rebalancer_gui.cli",
        "prefix": str(checkout.environment_folder),
    }


def test_the_second_start_is_at_once_and_needs_no_index(ready):
    checkout, _ = ready
    started = time.monotonic()
    code, output = checkout.run("run", "--headless", "--data-dir", "some where", PIP_FIND_LINKS="")
    elapsed = time.monotonic() - started

    assert code == 0, output
    assert "[set-up]" not in output
    assert told(output)["arguments"] == ["run", "--create-demo", "--data-dir", "some where"]
    assert elapsed < 2.0


def test_without_a_display_it_says_so_and_runs_the_same_engine(ready):
    checkout, _ = ready
    code, output = checkout.run("run")

    assert code == 0, output
    assert "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)" in output
    assert told(output)["module"] == "rebalancer_gui.cli"


def test_a_display_that_nobody_answers_at_is_no_display(ready):
    checkout, _ = ready
    code, output = checkout.run("run", DISPLAY=":4711")

    assert code == 0, output
    assert "no display answers at DISPLAY=:4711" in output
    assert told(output)["module"] == "rebalancer_gui.cli"


def test_the_exit_code_is_the_programs_own(ready):
    checkout, _ = ready

    assert checkout.run("run", "--headless", "--exit", "3")[0] == 3


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_a_signal_reaches_the_program_which_stops_safely(ready, number):
    checkout, _ = ready
    process = checkout.start("run", "--headless", "--wait")
    read_until(process, "waiting")
    process.send_signal(number)
    code, output = finish(process)

    assert code == 0, output
    assert f"stopped safely by {int(number)}" in output


def test_modules_in_the_folder_one_stands_in_are_not_taken_for_the_programs(ready):
    checkout, _ = ready
    trap = checkout.root.parent / "json.py"
    trap.write_text("raise SystemExit('the wrong json')", encoding="utf-8")
    try:
        code, output = checkout.run("run", "--headless")
    finally:
        trap.unlink()

    assert code == 0, output


@pytest.mark.long
def test_after_a_changed_lock_or_a_move_of_the_checkout_it_is_made_anew(tmp_path):
    checkout = Checkout.make(tmp_path / "checkout")
    assert checkout.run("run", "--headless")[0] == 0
    left_over = checkout.environment_folder / "left-over"
    left_over.touch()
    checkout.write_locks(hashlib.sha256(checkout.wheel.read_bytes()).hexdigest(), comment="# another lock\n")

    code, output = checkout.run("run", "--headless")

    assert code == 0, output
    assert "out of date: making it anew" in output
    assert not left_over.exists()

    moved = Checkout(checkout.root.rename(tmp_path / "moved"))

    code, output = moved.run("run", "--headless")

    assert code == 0, output
    assert SETTING_UP in output
    assert told(output)["prefix"] == str(moved.environment_folder)


@pytest.mark.long
def test_an_interrupted_install_leaves_nothing_at_work_and_the_next_start_repairs_it(tmp_path):
    checkout = Checkout.make(tmp_path / "checkout")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        process = checkout.start("run", "--headless", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=address)
        read_until(process, SETTING_UP)
        silent.settimeout(30)
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            code, output = finish(process)
            assert code == 130, output
            assert "The same command goes on from here" in output
            connection.settimeout(10)
            while connection.recv(4096):
                pass  # ends when pip's side is closed: pip is gone
    assert not (checkout.environment_folder / "stamp.json").exists()

    code, output = checkout.run("run", "--headless")

    assert code == 0, output
    assert "unfinished or out of date: making it anew" in output


@pytest.mark.long
def test_two_set_ups_at_once_wait_for_each_other_and_install_once(tmp_path):
    checkout = Checkout.make(tmp_path / "checkout")
    processes = [checkout.start("run", "--headless") for _ in range(2)]
    answers = [finish(process) for process in processes]

    assert [code for code, _ in answers] == [0, 0], answers
    assert sum(SETTING_UP in output for _, output in answers) == 1
    assert any("another set-up is at work in this folder" in output for _, output in answers)


def test_a_package_that_is_not_the_pinned_one_is_refused_in_plain_words(tmp_path):
    checkout = Checkout.make(tmp_path / "checkout")
    checkout.write_locks("0" * 64)
    code, output = checkout.run("run", "--headless")

    assert code == 1
    assert "pip could not install the packages" in output
    assert "Traceback" not in output
    assert not (checkout.environment_folder / "stamp.json").exists()


def test_help_and_wrong_use_say_what_is_legal(ready):
    checkout, _ = ready

    assert "run | test | check" in checkout.run("--help")[1]
    assert checkout.run()[0] == 2
    assert checkout.run("rnu")[0] == 2


@pytest.mark.window
def test_a_private_display_has_a_window_manager_and_is_gone_afterwards(tmp_path):
    import display

    with display.private_display(tmp_path / "display.log") as name:
        assert display.why_no_display({"DISPLAY": name}) is None
        asked = subprocess.run(
            ["xdotool", "get_num_desktops"],
            env=os.environ | {"DISPLAY": name}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        # Only a window manager knows of desktops.
        assert asked.stdout.strip().isdigit(), asked.stderr
    assert display.why_no_display({"DISPLAY": name}) == f"no display answers at DISPLAY={name}"
