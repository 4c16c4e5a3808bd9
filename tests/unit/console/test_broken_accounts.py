"""An account whose account.json cannot be read: listed with its sentence, refused by name, and no hindrance to the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.events import AccountFailed, EngineFailed
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.bootstrap import DemoOptions, engine_factory
from rebalancer_gui.cli import main
from rebalancer_gui.headless import Headless

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A data folder with a broken account beside the built-in one."""
    (tmp_path / "data" / "accounts" / "Main").mkdir(parents=True, mode=0o700)
    (tmp_path / "data").chmod(0o700)
    (tmp_path / "data" / "accounts" / "Main" / "account.json").write_text("{")
    return tmp_path / "data"


@pytest.fixture
def say(place: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs one command there; answers exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--data-dir", str(place)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_list_names_it_with_what_is_wrong_and_the_others_as_ever(say: Say):
    code, out, err = say("account", "list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert (code, list(rows)) == (0, ["paper", "Main"])
    assert (rows["paper"]["kind"], rows["paper"]["fault"]) == ("demo", None)
    assert "cannot be understood" in rows["Main"]["fault"]
    assert (rows["Main"]["kind"], rows["Main"]["exists"], set(rows["Main"])) == (None, False, set(rows["paper"]))
    assert err.startswith("Main: The file ")


def test_a_command_for_it_fails_and_one_for_another_account_does_not(say: Say):
    code, out, err = say("--account", "Main", "account", "show")
    assert (code, out) == (1, "")
    assert "cannot be understood" in err
    assert say("account", "show")[0] == 0
    code, _out, err = say("--account", "Other", "account", "show")
    assert (code, "there is: paper, Main" in err) == (2, True)


def test_the_doctor_finds_it(say: Say):
    code, out, _err = say("doctor", "--json")
    assert code == 1
    assert any(problem.startswith("Main: The file ") for problem in json.loads(out)["problems"])


def test_trading_is_resumed_on_the_others_and_the_exit_code_says_that_one_was_left_out(say: Say):
    say("stop-all")
    code, out, err = say("resume-all", "--json")
    assert (code, json.loads(out)["was_on"]) == (1, True)
    assert "Main: The file " in err


@pytest.mark.expect_log("is halted")
def test_the_engine_runs_the_others_and_says_once_what_is_wrong_with_it(
    place: Path, capsys: pytest.CaptureFixture[str]
):
    with DataFolder(place) as folder:
        make = engine_factory(folder, DemoOptions())
        events: list[object] = []

        def stopped(emit: EventSink) -> Engine:
            def both(event: object) -> None:
                events.append(event)
                emit(event)

            engine = make(both)
            engine.request_stop()
            return engine

        assert Headless(create_demo=False, quiet=False).run(stopped) == 0
    assert [event.account for event in events if isinstance(event, AccountFailed)] == ["Main"]
    assert not [event for event in events if isinstance(event, EngineFailed)]
    said = capsys.readouterr().err
    assert said.startswith("The account Main is halted: The file ")
    assert said.rstrip().endswith("The others go on.")


def test_it_can_be_set_aside_with_all_its_files_and_the_others_stay(say: Say, place: Path):
    code, out, err = say("account", "restore", "Main", "--set-aside")
    assert (code, out) == (2, "")
    assert "--yes" in err
    code, out, err = say("account", "restore", "Main", "--set-aside", "--yes", "--json")
    answer = json.loads(out)
    assert (code, err, answer["restored"], answer["set_aside"]) == (0, "", False, True)
    assert (Path(answer["kept"]) / "account.json").read_text() == "{"
    code, out, _err = say("account", "list", "--json")
    assert (code, [row["name"] for row in json.loads(out)]) == (0, ["paper"])
    code, out, err = say("account", "restore", "paper", "--set-aside", "--yes")
    assert (code, out) == (2, "")
    assert "in order" in err
