"""The desktop on which the window tests open the real program."""

import pytest

import test_parts
from system_parts import apt_command
from tests.e2e.window.desktop import Desktop


@pytest.fixture
def desktop(window_environment, tmp_path):
    """A display with a window manager, a session bus of its own, and somebody who reads the screen."""
    missing = test_parts.missing_packages()
    if missing:
        pytest.skip(f"needs parts that are not on this system; this installs them: {apt_command(missing)}")
    with Desktop.start(window_environment, tmp_path / "bus.log") as desktop:
        yield desktop


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"
