"""One story from the first start to the second, as a person and a screen reader live it: nothing of the program is imported."""

import subprocess
import sys
from decimal import Decimal

import pytest

from tests.e2e.window.steps import number, ready, runs, state
from tests.e2e.window.window import Window, open_window

pytestmark = [pytest.mark.window, pytest.mark.e2e]

_BRIGHTNESS = """
import sys
from PySide6.QtGui import QImage
left, top, width, height = map(int, sys.argv[2:])
image = QImage(sys.argv[1]).copy(left, top, width, height)
spots = [(image.width() * x // 8, image.height() * y // 8) for x in range(1, 8) for y in range(1, 8)]
print(sum(image.pixelColor(*spot).lightness() for spot in spots) // len(spots))
"""


def brightness(window: Window) -> int:
    """Of the main window, 0 (black) to 255."""
    picture = window.output.with_name("brightness.png")
    window.desktop.screenshot(picture)
    box = [str(pixels) for pixels in window.look("mainWindow").bounds]
    return int(
        subprocess.run([sys.executable, "-c", _BRIGHTNESS, picture, *box], capture_output=True, check=True).stdout
    )


def has_rows(window: Window, table: str) -> None:
    window.eventually(lambda: window.count(table) > 0, f"{table} is empty")


def press_keys(window: Window, keys: str) -> None:
    """As soon as the main window has the keyboard."""
    window.eventually(lambda: window.look("mainWindow").active, "the main window does not get the keyboard back")
    window.desktop.keys(keys)


def figures(window: Window, name: str) -> dict[str, str]:
    return next(row for row in window.rows("strategiesTable") if row["Name"] == name)


@pytest.mark.timeout(240)
def test_from_the_first_start_over_a_preset_money_and_a_stop_to_the_second_start_in_the_dark(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        # The first start welcomes, and the demo leads to the presets with the amount to be typed.
        ready(window)
        window.choose("demoSpeedCombo", "1 min a second")
        window.see("welcomePage")
        window.click("welcomeDemoButton")
        window.gone("welcomePage")
        window.eventually(lambda: window.look("presetInvestmentEdit").focused, "the amount is not asked for")
        name = window.words("presetNameEdit")
        window.desktop.type("1000")
        window.says("presetMessage", "^Enough for")
        window.click("presetCreateButton")
        orders = window.eventually(lambda: window.rows("planTable"), "no orders before they are sent")
        assert {row["Side"] for row in orders[:-1]} == {"Buy"}
        window.click("confirmButton")
        runs(window, name)

        # What was done stands in the histories.
        for tab, table in (("Orders", "ordersTable"), ("Rebalances", "rebalancesTable"), ("Journal", "journalTable")):
            window.open_tab("detailTabs", tab)
            has_rows(window, table)

        # Help opens where one is, and goes.
        press_keys(window, "F1")
        window.see("guideText")
        window.desktop.keys("Escape")
        window.gone("guideText")

        window.click("addFundsButton")
        window.write("amountEdit", "500")
        window.says("confirmButton", r"^Add 500\.00 USDT$")
        window.click("confirmButton")
        window.gone("addFundsDialog")
        window.eventually(
            lambda: number(figures(window, name)["Invested"]) == Decimal(1500), "the money is not in the strategy"
        )

        # Colours change at once.
        assert brightness(window) > 180
        press_keys(window, "ctrl+comma")
        window.open_tab("settingsTabs", "Program")
        window.choose("settingsSchemeCombo", "Dark")
        window.click("settingsCancelButton")
        window.gone("settingsTabs")
        window.eventually(lambda: brightness(window) < 90, "it does not become dark")

        window.click("stopButton")
        window.click("stopSellRadio")
        window.click("confirmButton")
        window.gone("stopSellRadio")
        window.eventually(lambda: state(window, name) == "Ended", "it does not end")
        assert number(figures(window, name)["Invested"]) == Decimal(1500)
        window.signal()
        code, _took = window.end()
        assert code == 0, window.said()

    with open_window(desktop, data_dir) as window:
        # The second start: no welcome, the colours and what has ended as they were.
        window.says("engineStateLabel", "^running$")
        window.eventually(lambda: state(window, name) == "Ended", "what has ended is gone")
        assert not window.has("welcomePage")
        assert brightness(window) < 90
        assert number(figures(window, name)["Invested"]) == Decimal(1500)
        window.open_tab("detailTabs", "Transfers")
        window.eventually(lambda: window.count("transfersTable") >= 3, "the transfers are gone")
        window.signal()
        assert window.end()[0] == 0, window.said()
