"""Bad input in the real form: refused where it stands, with the reason, and Create cannot be pressed."""

import re
from decimal import Decimal

import pytest

from tests.e2e.window.steps import choose_coins, ready
from tests.e2e.window.window import open_window

pytestmark = [pytest.mark.window, pytest.mark.e2e]

REFUSED_AMOUNTS = [
    ("abc", "“abc” is not a number"),
    ("1.5.0", "“1.5.0” is not a number: the decimal mark is a point and may stand once"),
    ("1,50", "the decimal mark here is a point. Write 1.5"),
    ("1e308", "“1e308” has an exponent"),
    ("-5", "legal is more than 0 USDT"),
    ("0", "legal is more than 0 USDT"),
    ("0.0000001", "Too little for"),
    ("9" * 30, "Too large"),
    ("10000.01", "Free are 10,000.00 USDT"),
    ("1", r"Too little for .*: the smallest that works is \d+\.\d\d USDT"),
    ("", "Say how much to invest"),
]
READ_AMOUNTS = [("1,500", "1,500.00"), (" 1 500 ", "1,500.00"), ("1500.5", "1,500.50"), ("+12.50", "12.50")]
REFUSED_THRESHOLDS = ["0", "51", "0.05", "abc", "-1", ""]


def test_what_is_no_legal_amount_threshold_or_set_of_weights_cannot_be_created(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        window.click("demoPauseButton")
        choose_coins(window, ("BTC", "ETH"))

        for typed, why in REFUSED_AMOUNTS:
            window.write("investmentEdit", typed)
            refuses(window, why)
        for typed, shown in READ_AMOUNTS:
            window.write("investmentEdit", typed)
            accepts(window)
            window.desktop.keys("Tab")
            left = Decimal(10_000) - Decimal(shown.replace(",", ""))
            window.says("remainingLabel", re.escape(f"remaining {left:,.2f} USDT"))

        for typed in REFUSED_THRESHOLDS:
            window.write("thresholdComboEdit", typed)
            refuses(window, "(?i)threshold|number|0.1 to 50")
        window.write("thresholdComboEdit", "50")
        accepts(window)

        window.write("weightEditBTC", "49.99")
        window.write("weightEditETH", "50")
        refuses(window, r"99\.99|0\.01 % left")
        window.write("weightEditETH", "50.02")
        refuses(window, r"100\.01|0\.01 % too much")
        window.write("weightEditETH", "-50")
        refuses(window, "ETH|weight")
        window.click("removeCoinButtonETH")
        refuses(window, "one coin is not enough, a strategy holds 2 to 10")


def test_an_amount_that_is_too_small_for_a_weight_is_mended_by_one_button(desktop, data_dir):
    with open_window(desktop, data_dir) as window:
        ready(window)
        window.click("demoPauseButton")
        choose_coins(window, ("BTC", "ETH", "ADA"))
        set_weights(window, {"BTC": "60", "ETH": "39", "ADA": "1"})
        window.write("investmentEdit", "100")
        refuses(window, "Too little for ADA: the smallest that works is")
        promised = window.words("liftButtonResult")

        window.click("liftButton")
        accepts(window)
        lifted = weights(window)
        assert sum(lifted.values()) == 100
        assert lifted["ADA"] > 5
        assert f"ADA {lifted['ADA'].normalize()}" in promised

        set_weights(window, {"BTC": "60", "ETH": "39", "ADA": "1"})
        refuses(window, "Too little for ADA")
        window.click("leaveOutButton")
        accepts(window)
        assert set(weights(window)) == {"BTC", "ETH"}
        assert sum(weights(window).values()) == 100


def test_with_a_decimal_comma_what_reads_in_two_ways_is_refused_with_both(desktop, data_dir):
    with open_window(desktop, data_dir, LC_ALL="de_DE.UTF-8", REBALANCER_LANGUAGE="en") as window:
        ready(window, "10.000,00 USDT")
        window.click("demoPauseButton")
        choose_coins(window, ("BTC", "ETH"))

        for typed, why in [
            ("1,500", "“1,500” can be read as 1,5 or as 1500"),
            ("1.500", "“1.500” can be read as 1,5 or as 1500"),
            ("1500.5", "the decimal mark here is a comma. Write 1.500,5"),
        ]:
            window.write("investmentEdit", typed)
            refuses(window, why)
        for typed in ("1500", "1.500,00", "1500,5"):
            window.write("investmentEdit", typed)
            accepts(window)


def refuses(window, why):
    """The form says so, and its button cannot be pressed and says why too."""
    said = window.says("formMessage", why)
    for name in ("createButton", "previewButton"):
        button = window.look(name)
        assert not button.enabled
        assert button.description.replace("\u00a0", " ") == said


def accepts(window):
    window.says("formMessage", "^Ready to preview$")
    window.eventually(lambda: window.look("createButton").enabled, "Create cannot be pressed")


def set_weights(window, wanted):
    for coin, weight in wanted.items():
        window.write(f"weightEdit{coin}", weight)


def weights(window):
    """Coin -> weight in percent, as the table says it."""
    return {row["Coin"]: Decimal(row["Weight, %"].removesuffix(" percent")) for row in window.rows("allocationTable")}
