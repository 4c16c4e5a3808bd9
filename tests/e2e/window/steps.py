"""What a user does in several steps, as one step of a test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tests.e2e.window.window import Window


def ready(window: Window, total: str = "10,000.00 USDT") -> None:
    """The engine runs and there are prices; a fresh account has this much."""
    window.says("engineStateLabel", "^running$")
    window.says("totalLabel", f"^{re.escape(total)}$")
    window.says("demoDateLabel", "UTC$")


def choose_coins(window: Window, coins: Sequence[str]) -> None:
    """In the dialog: search each coin by its ticker, tick it."""
    window.open_tab("createTabs", "Manual")
    window.click("addCoinsButton")
    for number, coin in enumerate(coins, start=1):
        window.write("coinSearchEdit", coin)
        window.click_item("coinList", coin)
        window.says("coinDialogOk", f"Add {number} coin")
    window.click("coinDialogOk")
    window.gone("coinDialogOk")


def fill_in_by_hand(window: Window, coins: Sequence[str] = ("BTC", "ETH"), amount: str = "1000") -> None:
    """The Manual form with equal weights and a threshold of 1 %."""
    choose_coins(window, coins)
    window.choose("distributionCombo", "Equal")
    window.write("investmentEdit", amount)
    window.choose("thresholdCombo", "1 %")
    window.says("formMessage", "^Ready to preview$")


def create_by_hand(window: Window, coins: Sequence[str] = ("BTC", "ETH"), amount: str = "1000") -> None:
    """Fill in, look at the orders, confirm; it runs."""
    fill_in_by_hand(window, coins, amount)
    window.click("createButton")
    window.click("confirmButton")
    window.gone("confirmButton")
    runs(window, " ".join(coins))


def runs(window: Window, name: str) -> None:
    """The strategy of that name is running."""
    window.eventually(lambda: state(window, name) == "Running", f"{name} does not run")


def state(window: Window, name: str) -> str:
    """Its status in the table; empty where it is not there."""
    return next((row["Status"] for row in window.rows("strategiesTable") if row["Name"] == name), "")


def market_time(window: Window) -> datetime:
    """The date of the replay."""
    return datetime.strptime(window.words("demoDateLabel"), "%d %b %Y %H:%M UTC")  # noqa: DTZ007 (compared with its like)


def quit_asking(window: Window) -> tuple[int, float]:
    """Close, answer the question, and wait: exit code and seconds from the answer to the end."""
    window.close()
    window.click("closeQuitButton")
    return window.end()


def number(text: str) -> Decimal:
    """The number in a text such as `free 9,000.00 USDT`."""
    found = re.search(r"-?[\d,]+(?:\.\d+)?", text)
    assert found is not None, text
    return Decimal(found[0].replace(",", ""))
