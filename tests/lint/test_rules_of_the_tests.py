"""The rules of tests/conftest.py, shown on small test files that break them, each run by a pytest of its own."""

import os
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import registries

ROOT = Path(__file__).resolve().parents[2]

BREAKING = """
    import logging, os, socket, threading
    from pathlib import Path

    import pytest


    def test_network():
        with socket.socket() as outside, pytest.raises(RuntimeError, match="No network in tests"):
            outside.connect(("192.0.2.1", 80))

    def test_lookup_swallowed_in_a_thread():
        def look_up():
            try:
                socket.getaddrinfo("example.org", 443)
            except RuntimeError:
                pass
        thread = threading.Thread(target=look_up)
        thread.start()
        thread.join()

    def test_loopback():
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()

    def test_home():
        import platformdirs
        private = os.environ["HOME"]
        assert "rebalancer-home-" in private
        assert str(Path.home()) == private
        for folder in (platformdirs.user_data_dir("x"), platformdirs.user_config_dir("x"), platformdirs.user_cache_dir("x")):
            assert folder.startswith(private)

    def test_warning_logged():
        logging.getLogger("rebalancer_gui.engine").warning("something odd")

    @pytest.mark.expect_log("something odd")
    def test_warning_expected():
        logging.getLogger("rebalancer_gui.engine").warning("something odd")

    @pytest.mark.expect_log("something odd")
    def test_warning_expected_but_absent():
        pass

    def test_python_warning():
        import warnings
        warnings.warn("old", DeprecationWarning)

    def test_skipped():
        pytest.skip("no reason")

    @pytest.mark.long
    def test_long():
        assert False

    def test_no_qt():
        import sys
        assert "PySide6" not in sys.modules
"""

LEAKING = """
    from PySide6.QtCore import QThread, QTimer

    class Worker(QThread):
        def run(self):
            self.exec()

    kept = []

    def test_thread_left(qapp):
        kept.append(Worker())
        kept[-1].start()

    def test_stop_it():
        kept[-1].quit()
        assert kept[-1].wait(5000)

    def test_thread_joined(qapp):
        worker = Worker()
        worker.start()
        worker.quit()
        assert worker.wait(5000)

    def test_timer_left(qapp):
        kept.append(QTimer(interval=50))
        kept[-1].start()

    def test_timer_stopped(qapp):
        kept[-1].stop()
        own = QTimer(interval=50)
        own.start()
        own.stop()

    def test_timer_of_a_closed_window(qtbot):
        from PySide6.QtWidgets import QWidget
        window = QWidget()
        qtbot.addWidget(window)
        window.timer = QTimer(window)
        window.timer.start(50)
        kept.append(window.timer)
"""

SHOWING_RULES = """
    import pytest

    @pytest.mark.rule("4.3")
    @pytest.mark.parametrize("n", (1, pytest.param(2, marks=pytest.mark.rule("4.2", "4.2b"))))
    def test_good(n):
        assert n

    @pytest.mark.failure(18, 19)
    def test_of_failures():
        pass

    @pytest.mark.rule("4.4")
    @pytest.mark.failure(20)
    def test_bad():
        assert False

    @pytest.mark.rule("4.5")
    def test_skipped():
        pytest.skip("no reason")
"""


def outcomes(folder: Path, source: str, *options: str, ci: bool) -> dict[str, str]:
    """Name of each test of `source` -> "passed" or the text with which it failed."""
    file = folder / "test_sample.py"
    file.write_text(textwrap.dedent(source), encoding="utf-8")
    report = folder / "report.xml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "-n", "0",
         "-p", "no:cacheprovider", f"--basetemp={folder / 'base'}", f"--junitxml={report}", *options, str(file)],
        cwd=ROOT, env=environment | ({"CI": "true"} if ci else {}), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert report.exists(), answer.stdout + answer.stderr
    results: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 (written by our own pytest)
        problems = [f"{child.tag} {child.get('message')} {child.text}" for child in case if child.tag != "system-out"]
        results[str(case.get("name")).removeprefix("test_")] = "\n".join(problems) or "passed"
    return results


def test_what_breaks_a_rule_fails_and_what_keeps_it_passes(tmp_path):
    found = outcomes(tmp_path, BREAKING, "-p", "no:pytest-qt", ci=True)

    assert found["loopback"] == found["home"] == found["warning_expected"] == found["no_qt"] == "passed"
    assert "tried to reach the network: socket.connect ('192.0.2.1', 80)" in found["network"]
    assert "tried to reach the network: socket.getaddrinfo 'example.org'" in found["lookup_swallowed_in_a_thread"]
    assert "WARNING rebalancer_gui.engine: something odd" in found["warning_logged"]
    assert "nothing matched" in found["warning_expected_but_absent"]
    assert "DeprecationWarning: old" in found["python_warning"]
    assert "A skipped test is a failure under CI. Skipped: no reason" in found["skipped"]
    assert "long" not in found


def test_outside_ci_a_skip_is_a_skip(tmp_path):
    found = outcomes(tmp_path, BREAKING, "-p", "no:pytest-qt", "-k", "test_skipped", ci=False)

    assert found["skipped"].startswith("skipped no reason")


def test_a_thread_or_timer_left_running_is_named_with_its_place(tmp_path):
    found = outcomes(tmp_path, LEAKING, ci=False)

    assert "QThread started here" in found["thread_left"]
    assert "kept[-1].start()" in found["thread_left"]
    assert "QTimer made here" in found["timer_left"]
    assert "kept.append(QTimer(interval=50))" in found["timer_left"]
    for good in ("stop_it", "thread_joined", "timer_stopped", "timer_of_a_closed_window"):
        assert found[good] == "passed", good


def test_what_passing_tests_show_is_in_the_report_also_with_several_workers(tmp_path):
    for workers in ("0", "2"):
        outcomes(tmp_path, SHOWING_RULES, "-p", "no:pytest-qt", "-n", workers, ci=False)

        assert registries.shown_by(tmp_path / "report.xml", registries.RULES) == {"4.2", "4.2b", "4.3"}
        assert registries.shown_by(tmp_path / "report.xml", registries.FAILURES) == {"18", "19"}


@pytest.mark.parametrize(
    ("mark", "says"),
    (
        ('rule("5")', "test_of_a_rule: the mark rule('5') names no rule of tests/rules.toml; section 5 has 5.1, 5.1b"),
        ('rule("4.2", "99.1")', "the mark rule('99.1') names no rule of tests/rules.toml; there is no section '99'"),
        ("rule", "the mark rule names no rule"),
        ("failure(18, 99)", "the mark failure(99) names no failure of tests/failures.toml; it has 1, 2, 3,"),
        ("failure", "the mark failure names no failure"),
    ),
)
def test_a_mark_that_names_nothing_known_fails_the_collection_and_says_what_is_legal(tmp_path, mark, says):
    source = f"import pytest\n\n@pytest.mark.{mark}\ndef test_of_a_rule():\n    pass\n"

    (found,) = outcomes(tmp_path, source, "-p", "no:pytest-qt", ci=False).values()

    assert says in found
