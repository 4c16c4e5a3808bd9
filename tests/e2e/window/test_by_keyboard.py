"""The dialogs in the real window, opened by keyboard alone, as a screen reader meets them."""

import pytest

from tests.e2e.window.test_dialogs import window  # noqa: F401 - the fixture: a window with one strategy

pytestmark = [pytest.mark.window, pytest.mark.e2e]

KEYS = (
    ("ctrl+comma", "settingsDialog"),
    ("ctrl+e", "editStrategyDialog"),
    ("ctrl+r", "recordsWindow"),
    ("ctrl+t", "testRuleWindow"),
    ("F1", "guideWindow"),
)


def test_each_dialog_opens_by_a_key_names_all_that_can_be_pressed_and_esc_leads_back_to_where_one_stood(window):  # noqa: F811
    window.desktop.keys("Tab")
    stood = window.eventually(lambda: window.desktop.ask("has_focus"), "nothing has the keyboard")
    nameless = {"mainWindow": window.desktop.ask("nameless")["nameless"]}
    for keys, dialog in KEYS:
        window.desktop.keys(keys)
        window.eventually(lambda dialog=dialog: window.windows()[0].id == dialog, f"{keys} does not open {dialog}")
        told = window.eventually(lambda: (a := window.desktop.ask("nameless"))["count"] > 2 and a, f"{dialog} is empty")
        nameless[dialog] = told["nameless"]
        window.desktop.keys("Escape")
        window.gone(dialog)
        window.eventually(
            lambda: window.desktop.ask("has_focus") == stood,
            lambda dialog=dialog: (
                f"after {dialog} the keyboard is at {window.desktop.ask('has_focus')}, not at {stood}"
            ),
        )
    assert {where: found for where, found in nameless.items() if found} == {}
