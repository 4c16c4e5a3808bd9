"""The log as the window shows it: bounded, without keys, earlier runs too; and the support report without names and amounts."""

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from rebalancer_gui.adapters.log_memory import LogMemory, parsed
from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.application.log_port import MOST_LINES
from rebalancer_gui.cli import main
from rebalancer_gui.console.support import Reporter, hide
from tests.secrets.canary import CANARY, CANARY_PASS, CANARY_SECRET, found_in

KEY = Credentials(CANARY, CANARY_SECRET, CANARY_PASS)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    made = LogFile(tmp_path)
    made.start()
    yield made
    made.stop()


def memory_of(log: LogFile) -> LogMemory:
    assert log.memory is not None
    return log.memory


@pytest.mark.expect_log("second")
def test_lines_come_once_and_in_order_with_level_and_logger(log: LogFile) -> None:
    logging.getLogger("a.b").info("first")
    logging.getLogger("a.c").error("second\nwith more")
    first, second = memory_of(log).since(0)
    assert (first.serial, first.level, first.name, first.text) == (1, logging.INFO, "a.b", "first")
    assert (second.level, second.text) == (logging.ERROR, "second\nwith more")
    assert first.at.endswith("Z")
    assert memory_of(log).since(1) == (second,)
    assert memory_of(log).since(2) == ()


@pytest.mark.expect_log("second")
def test_what_earlier_runs_wrote_is_read_from_the_file_and_this_run_not_twice(tmp_path: Path) -> None:
    before = LogFile(tmp_path)
    before.start()
    try:
        int("it failed")
    except ValueError:
        logging.getLogger("x").exception("second")
    before.stop()
    log = LogFile(tmp_path)
    log.start()
    logging.getLogger("x").info("now")
    (old,) = memory_of(log).earlier()
    assert (old.serial, old.level) == (0, logging.ERROR)
    assert "ValueError: invalid literal" in old.text
    assert [line.text for line in memory_of(log).since(0)] == ["now"]
    log.stop()


def test_it_keeps_so_many_lines_and_no_more(log: LogFile) -> None:
    for number in range(MOST_LINES + 10):
        memory_of(log).handle(logging.LogRecord("x", logging.INFO, "", 0, "%d", (number,), None))
    lines = memory_of(log).since(0)
    assert (len(lines), lines[0].text, lines[-1].serial) == (MOST_LINES, "10", MOST_LINES + 10)


def test_no_writing_of_a_key_gets_into_what_is_shown(log: LogFile, tmp_path: Path) -> None:
    REDACTOR.hide_key(KEY)
    for value in KEY.values:
        raw = value.encode()
        whole = (
            value,
            value[::-1],
            raw.hex(),
            quote(value, safe=""),
            json.dumps(value),
            base64.b64encode(raw).decode(),
        )
        for text in (*whole, base64.b32encode(raw).decode()):
            logging.getLogger("x").info("before %s after", text)
    shown = "\n".join(line.text for line in memory_of(log).since(0))
    assert found_in(shown.encode("utf-8", "surrogatepass")) == []
    # A file of a time when the key was not known to be one.
    (tmp_path / "old.log").write_text(f"2026-01-01T00:00:00.000Z INFO x: {CANARY}\n")
    old = LogMemory(tmp_path / "old.log", logging.Formatter())
    assert found_in("\n".join(line.text for line in old.earlier()).encode()) == []


def test_lines_that_are_none_are_no_entries() -> None:
    assert list(parsed(["garbage", "\0\xff", ""])) == []
    (one,) = parsed(["garbage", "2026-01-01T00:00:00.000Z WARNING a: b", "c", "d"])
    assert (one.level, one.text) == (logging.WARNING, "b\nc\nd")


# ---------------------------------------------------------------------------------------------------------------- report


def test_names_are_hidden_as_whole_words_the_longer_ones_first() -> None:
    assert hide("Main and Main 2, mainly Maine", ["Main", "Main 2"]) == "(name 2) and (name 1), mainly Maine"


@pytest.mark.expect_log("Core Four")
def test_the_report_has_versions_states_settings_and_warnings_but_no_key_name_amount_or_path(tmp_path: Path) -> None:
    REDACTOR.hide_key(KEY)
    folder = DataFolder(tmp_path / "data")
    with folder:
        place = folder.account_folder("My Savings")
        (place / "account.json").write_text("no record")
        channel = {"id": CANARY, "name": CANARY, "kind": "ntfy", "masked": CANARY, "place": "keyring"}
        folder.write_settings(
            {
                "format": "rebalancer-settings",
                "version": 1,
                "window": {"theme": "dark", "account": CANARY},
                "notifications": {"channels": [channel]},
            }
        )
        (folder.path / "keys.vault").write_text(CANARY)
        log = LogFile(folder.logs)
        log.start()
        logging.getLogger("x").warning(
            "My Savings: Core Four lacks 1,234.56 USDT and -0.5 BTC (%s) in %s", CANARY, folder.path
        )
        logging.getLogger("x").info("not in it")
        log.stop()
        text = Reporter(folder, log.memory)("xcb", ["Core Four"])
    assert found_in(text.encode()) == []
    for private in ("My Savings", "Core Four", "1,234", "0.5 BTC", str(tmp_path), str(Path.home()), "not in it"):
        assert private not in text
    for useful in (
        "python",
        "xcb",
        "window.theme = dark",
        "Account 1",
        "WARNING x: (name 1): (name 2) lacks # USDT",
        "sqlite",
    ):
        assert useful in text


def test_the_console_makes_the_same_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data-dir", str(tmp_path / "data"), "doctor", "--report", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["report"]
    assert report.startswith("Rebalancer support report\n")
    assert "program.language = system" in report
    assert not (tmp_path / "data").exists()  # looking makes nothing
