"""What a process does so that nothing of a key leaves it."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from rebalancer_gui.adapters.guards import scrubbed_record, scrubbed_traceback
from rebalancer_gui.adapters.logs import LogFile
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from tests.secrets.canary import CANARY, found_in

ROOT = Path(__file__).resolve().parents[3]
PROTECTED = """
import logging, os, resource, sys, threading
from rebalancer_gui.adapters.guards import protect_process
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
protect_process()
value = "".join(chr(int(part)) for part in sys.argv[1].split(","))
REDACTOR.hide([value])
print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)
if sys.platform == "linux":
    import ctypes
    print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("anything").debug("a key %s", value)
try:
    raise ValueError(value)
except ValueError:
    logging.exception("a fault with %s", value)
thread = threading.Thread(target=lambda: int("thread " + value))
thread.start()
thread.join()
class Dying:
    def __del__(self):
        raise ValueError(value)
Dying()
raise RuntimeError("the end with " + value)
"""


@pytest.mark.failure(54)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no core files")
def test_a_protected_process_writes_no_core_and_tells_of_faults_without_keys():
    numbers = ",".join(str(ord(letter)) for letter in CANARY)
    done = subprocess.run(
        [sys.executable, "-c", PROTECTED, numbers], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "(0, 0)" in done.stdout
    assert sys.platform != "linux" or "dumpable 0" in done.stdout
    for words in ("a key (hidden)", "a fault with (hidden)", "a thread ended by a fault", "the end with (hidden)"):
        assert words in done.stderr
    assert found_in(done.stderr.encode()) == []


@pytest.mark.failure(54)
def test_a_record_is_scrubbed_before_any_handler_sees_it():
    REDACTOR.hide([CANARY])
    record = scrubbed_record("name", logging.ERROR, "file", 1, "with %s and %r", (CANARY, [CANARY]), None)
    assert record.getMessage() == "with (hidden) and ['(hidden)']"


def test_a_record_whose_arguments_do_not_fit_stays_as_it_is():
    record = scrubbed_record("name", logging.ERROR, "file", 1, "with %d", ("words",), None)
    assert record.args == ("words",)


@pytest.mark.failure(54)
@pytest.mark.expect_log("a fault")
def test_the_log_file_holds_no_key_at_any_level(tmp_path: Path):
    REDACTOR.hide([CANARY])
    log = LogFile(tmp_path, logging.DEBUG)
    log.start()
    try:
        logging.getLogger("ccxt.base.exchange").debug("GET ?signature=%s", "abcdef")
        logging.getLogger("rebalancer_gui.x").debug("%s", CANARY)
        try:
            int(CANARY)
        except ValueError:
            logging.getLogger("rebalancer_gui.x").exception("a fault")
    finally:
        log.stop()
    written = log.path.read_bytes()
    assert b"a fault" in written
    assert b"signature" not in written
    assert found_in(written) == []


def test_a_traceback_is_as_python_prints_it():
    REDACTOR.hide([CANARY])
    text = ""
    try:
        int(CANARY)
    except ValueError as error:
        text = scrubbed_traceback(type(error), error, error.__traceback__)
    assert text.startswith("Traceback (most recent call last):")
    assert text.rstrip().endswith("invalid literal for int() with base 10: '(hidden)'")
