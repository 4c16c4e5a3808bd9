"""Rules that every test lives under: no network, no real user folders, no unexpected warning, nothing left running.

Qt is not imported here: suites below the window run without it (`-p no:pytest-qt`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import folders, logs, network, qt_leaks, registry_marks

UNDER_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# Before anything of the program or of Qt is imported: both read the environment once.
_HOME = folders.use_private_home()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
network.refuse_all_but_loopback()

# Two cores shared by several workers: a deadline for one example would measure the neighbours.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "long", deadline=None, max_examples=5000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long too")
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "Setting of the plugin that this run was started without.")


def pytest_configure(config: pytest.Config) -> None:
    profile = "long" if config.getoption("--long") else "ci" if UNDER_CI else "dev"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", profile))


def pytest_unconfigure() -> None:
    folders.remove(_HOME)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        # Left out, not skipped: under CI a skip is a failure, and these are not meant to run there.
        long = [item for item in items if item.get_closest_marker("long")]
        if long:
            config.hook.pytest_deselected(items=long)
            items[:] = [item for item in items if item not in set(long)]
    if not os.environ.get("DISPLAY"):
        no_display = pytest.mark.skip(
            reason="needs a display and a window manager; `python3 packaging/bootstrap.py test` starts a private one "
            "(on Debian it needs: apt-get install xvfb xauth openbox xdotool)"
        )
        for item in items:
            if item.get_closest_marker("window"):
                item.add_marker(no_display)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if UNDER_CI and report.skipped and not hasattr(report, "wasxfail"):
        _fail_the_skip(report)
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report: pytest.CollectReport = yield  # type: ignore[assignment]
    registry_marks.check_and_record(report)
    if UNDER_CI and report.skipped:
        _fail_the_skip(report)
    return report  # type: ignore[return-value]


def _fail_the_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"A skipped test is a failure under CI. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After every fixture has cleaned up, and after the window was closed: nothing may still run."""
    try:
        return (yield)
    finally:
        qt_leaks.fail_on_what_still_runs()


@pytest.fixture(autouse=True)
def _nothing_unexpected(request: pytest.FixtureRequest) -> Iterator[None]:
    qt_leaks.watch()
    patterns = [marker.args[0] for marker in request.node.iter_markers("expect_log")]
    with network.violations_fail(), logs.unexpected_fails(patterns):
        yield


@pytest.fixture
def home() -> Path:
    """The private home folder of this test run, the only one that code under test can see."""
    return _HOME


@pytest.fixture(scope="session")
def _screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The value for DISPLAY: the one of this run, or one of its own for each worker where several run side by side.

    Two tests on one screen would take each other's keyboard and mouse.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield os.environ["DISPLAY"]
        return
    import display

    with display.private_display(tmp_path_factory.mktemp("screen") / "display.log") as name:
        yield name


@pytest.fixture
def window_environment(_screen: str) -> dict[str, str]:
    """Environment for a program started as a process that shall open a real window (tests marked `window`)."""
    return os.environ | {"DISPLAY": _screen, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
