"""The real window as a screen reader gets it through AT-SPI: roles, states, reasons, relations, and what is announced."""

import re

import pytest

from tests.e2e.window.test_dialogs import window  # noqa: F401 - the fixture: a window with one strategy

pytestmark = [pytest.mark.window, pytest.mark.e2e]

ROLES = {
    "strategiesTable": "table",
    "ratiosTable": "table",
    "rebalanceNowButton": "push button",
    "accountCombo": "combo box",
    "investmentEdit": "text",
    "investmentSlider": "slider",
    "byRatioRadio": "radio button",
}


def heard(window, pattern: str):  # noqa: F811
    """Wait until something with this pattern was announced; the id of what it stands in."""

    def match():
        return next((told["id"] for told in window.desktop.ask("heard") if re.search(pattern, told["words"])), None)

    return window.eventually(match, lambda: f"{pattern!r} was not announced, but {window.desktop.ask('heard')}")


def states(window, name: str) -> set[str]:  # noqa: F811
    return set(window.desktop.ask("states", name=name))


def test_roles_states_reasons_and_announcements_reach_a_screen_reader(window):  # noqa: F811
    window.desktop.ask("listen")

    # Roles, and the name of the field's label.
    assert {name: window.see(name).role.replace("entry", "text") for name in ROLES} == ROLES
    assert window.desktop.ask("relations", name="thresholdCombo")["labelled-by"] == ["Threshold"]
    least, now, most = window.desktop.ask("value", name="investmentSlider")
    assert least <= now <= most
    assert most > least
    tabs = [part for part in window.parts("createTabs") if part.showing]
    assert [(tab.role, tab.selected) for tab in tabs] == [("page tab", False), ("page tab", True)]
    cell = window.desktop.ask("cell", name="strategiesTable", row=0, column=0)
    assert (cell["role"], cell["name"], cell["selected"]) == ("table cell", "Core", True)

    # What cannot be pressed says why; what folds says whether it is open.
    create = window.look("createButton")
    assert not create.enabled
    assert create.description
    assert "checked" not in states(window, "advancedGroup")
    window.desktop.ask("press", name="advancedGroup")
    window.eventually(
        lambda: "checked" in states(window, "advancedGroup"), "the part that folds does not say that it is open"
    )
    assert window.see("sellAllOnStopCheck").role == "check box"
    assert "focusable" in states(window, "investmentEdit")
    assert "editable" in states(window, "investmentEdit")

    # The answer to a press is said.
    window.click("pauseButton")
    heard(window, "Paused: nothing is traded")

    # What blocks is said with what to do, as it appears on the screen.
    window.desktop.keys("ctrl+k")
    assert heard(window, "Stop all") == "haltBanner"
    window.says("stopAllButton", "^Resume trading$")

    # A dialog says that it is one, and gives the keyboard back to what opened it.
    window.eventually(lambda: window.look("stopAllButton").enabled, "trading cannot be resumed")
    window.desktop.ask("focus", name="stopAllButton")
    window.eventually(
        lambda: window.desktop.ask("has_focus") == "stopAllButton", "the button does not take the keyboard"
    )
    window.desktop.keys("space")
    window.see("resumeTradingQuestion")
    # Qt has no word for a modal window on this bus: that it is a dialog and the active window says as much.
    assert window.windows()[0].role == "dialog"
    window.eventually(
        lambda: "active" in states(window, "resumeTradingQuestion"), "the question is not the active window"
    )
    assert window.desktop.ask("has_focus") != "confirmButton"
    window.desktop.keys("Escape")
    window.gone("resumeTradingQuestion")
    window.eventually(lambda: window.desktop.ask("has_focus") == "stopAllButton", "the keyboard does not come back")
    assert window.words("stopAllButton") == "Resume trading", "Esc resumed nothing"

    # What was answered in a dialog is said over the window.
    window.desktop.ask("press", name="stopAllButton")
    window.click("confirmButton")
    window.gone("resumeTradingQuestion")
    heard(window, "(?i)resumed|trades again|trading goes on")

    # So is what came of a press in a dialog, and what was refused there.
    window.click("paperAccountButton")
    window.write("transferAmountEdit", "500")
    window.click("depositButton")
    assert heard(window, r"500(\.00)?.USDT came in") == "paperMessage"
