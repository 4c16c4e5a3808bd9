"""bootstrap.py can be read by an old Python, which is told that it is too old."""

import ast
import sys
from pathlib import Path

import pytest

import bootstrap
import display


def test_an_old_python_can_read_the_script():
    source = Path(bootstrap.__file__).read_text(encoding="utf-8")

    ast.parse(source, feature_version=(3, 4))


def test_an_old_python_is_told_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))

    assert bootstrap.main(["run"]) == 1
    assert "Rebalancer needs Python 3.11 or newer; this is Python 3.9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "plugins"),
    (
        ({"DISPLAY": ":0"}, ["libqxcb.so"]),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, ["libqxcb.so"]),
        ({"WAYLAND_DISPLAY": "wayland-0"}, ["libqwayland.so"]),
        ({"QT_QPA_PLATFORM": "offscreen"}, ["libqoffscreen.so"]),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, ["libqwayland.so"]),
    ),
)
def test_the_plugin_that_opens_the_window_is_the_one_that_is_checked(environment, plugins):
    assert display.platform_plugins(environment) == plugins


@pytest.mark.skipif(sys.platform != "linux", reason="displays are asked about on Linux only")
def test_a_window_can_be_opened_where_wayland_or_another_platform_is_named():
    assert display.why_no_display({"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert display.why_no_display({"QT_QPA_PLATFORM": "offscreen"}) is None
    assert display.why_no_display({"QT_QPA_PLATFORM": "xcb"}) is not None
    assert display.why_no_display({}) is not None
