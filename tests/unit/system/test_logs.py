"""The log file: in UTC, redacted, rotating; and gone from the root logger when it is stopped."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.domain.errors import EnvironmentProblem

LOGGER = logging.getLogger("rebalancer_gui.test")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    made = LogFile(tmp_path)
    made.start()
    yield made
    made.stop()


def test_a_record_is_one_line_with_its_time_in_utc(log: LogFile) -> None:
    LOGGER.info("engine started with %d strategies", 3)
    LOGGER.debug("too much detail")
    (line,) = log.path.read_text().splitlines()
    assert line.endswith("Z INFO rebalancer_gui.test: engine started with 3 strategies")
    assert line[:2] == "20"
    assert line[10] == "T"


@pytest.mark.expect_log("failed with")
def test_a_redactor_sees_messages_arguments_and_tracebacks(log: LogFile) -> None:
    log.add_redactor(lambda text: text.replace("canary", "***"))
    LOGGER.info("key %s", "canary")
    try:
        int("inside canary")
    except ValueError:
        LOGGER.exception("failed with %s", "canary")
    text = log.path.read_text()
    assert "canary" not in text
    assert text.count("***") >= 3


def test_libraries_that_tell_too_much_are_quiet_below_warning(log: LogFile) -> None:
    for name in ("ccxt.base.exchange", "urllib3.connectionpool", "aiohttp.client", "asyncio"):
        logging.getLogger(name).info("signature=abc")
    assert log.path.read_text() == ""


def test_stopping_puts_the_loggers_back_as_they_were(tmp_path: Path) -> None:
    root, talkative = logging.getLogger(), logging.getLogger("ccxt.base.exchange")
    before = (root.level, talkative.level, list(root.handlers))
    log = LogFile(tmp_path)
    log.start()
    assert len(root.handlers) == len(before[2]) + 1
    log.stop()
    log.stop()
    assert (root.level, talkative.level, list(root.handlers)) == before
    assert log.path.read_text() == ""


def test_the_log_is_cut_into_files_of_bounded_size(log: LogFile, tmp_path: Path) -> None:
    log._redactors.clear()  # 20 MB for the keys of all earlier tests of this process: half a minute of something else
    for _ in range(40):
        LOGGER.info("x" * 500_000)
    files = list(tmp_path.iterdir())
    assert 2 <= len(files) <= 6
    assert all(file.stat().st_size < 2_600_000 for file in files)


def test_a_log_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        LogFile(tmp_path / "none").start()


@pytest.mark.failure(42)
def test_what_finds_no_room_on_a_full_disk_is_lost_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogFile(tmp_path)
    log.start()

    def full(_text: str) -> int:
        raise OSError(28, "No space left on device")

    assert log._handler is not None
    monkeypatch.setattr(log._handler.stream, "write", full)
    logging.getLogger("rebalancer_gui.engine").info("something")
    log.stop()
    assert capsys.readouterr().err == ""
