"""What the question marks say: the field's words, each explained in two or three sentences, and where the guide says more.

The guide's page of terms is made of the same texts (packaging/terms_page.py), so that both say one thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rebalancer_gui.ui.translation import tr


class Term(StrEnum):
    """The words that are explained. The value is the anchor on the page of terms."""

    COINS = "coins-and-weights"
    INVESTMENT = "investment"
    FREE_POOL = "free-pool"
    DRIFT = "drift"
    THRESHOLD = "threshold"
    CHECK_PERIOD = "check-period"
    INTERVAL = "interval"
    GATE = "gate"
    AUTO_BAND = "auto-band"
    TRIGGER = "trigger-price"
    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"
    SELL_ALL = "sell-all-coins-on-stop"
    EXPECT = "what-to-expect"
    SMALLEST_DRIFT = "smallest-tradable-drift"
    HODL = "hodl"
    NET_INVESTED = "net-invested"
    PROFIT = "profit"
    TIME_WEIGHTED = "time-weighted-return"
    MONEY_WEIGHTED = "money-weighted-return"
    ANNUALISED = "annualised"
    TODAY = "today"
    FEES_RETURN = "fees-return"
    HALTED = "halted"
    WATCH_ONLY = "watch-only"
    PRESET_RETURNS = "returns-on-a-card"


@dataclass(frozen=True, slots=True)
class Explanation:
    """``place``: where the guide says more, as ``page.md#slug``."""

    title: str
    text: str
    place: str


@lru_cache(maxsize=1)
def explanations() -> dict[Term, Explanation]:
    """All of them, in the language that was installed at the start."""
    return {**_of_the_form(), **_of_the_levels(), **_of_the_figures(), **_of_the_account()}


def _of_the_form() -> dict[Term, Explanation]:
    return {
        Term.COINS: Explanation(
            tr("Coins and weights"),
            tr(
                "2 to 10 coins, each with a target weight. The weights add up to exactly 100 %. The money that the strategy "
                "is funded in, such as USDT, is not one of them: to keep a cash share, add a dollar coin such as USDC."
            ),
            "manual.md#1-coins",
        ),
        Term.INVESTMENT: Explanation(
            tr("Investment"),
            tr(
                "What the strategy gets from the free pool at its start. Under the smallest legal amount one of its coins "
                "would be an order that the exchange refuses. Money can be added and taken out later."
            ),
            "manual.md#2-investment",
        ),
        Term.DRIFT: Explanation(
            tr("Drift"),
            tr(
                "A coin's present weight minus its target weight, in percentage points (pp) of the whole portfolio. A coin "
                "that should be 40 % and is 43.11 % has a drift of +3.11. The worst drift of all coins decides."
            ),
            "reading-the-numbers.md#drift",
        ),
        Term.THRESHOLD: Explanation(
            tr("Threshold"),
            tr(
                "By coin ratio, the portfolio is traded back to its weights as soon as the worst drift is above this many "
                "percentage points. Small thresholds trade often and pay more fees; large ones let the weights run."
            ),
            "manual.md#by-coin-ratio",
        ),
        Term.CHECK_PERIOD: Explanation(
            tr("Check every"),
            tr(
                "How often the drift is compared with the threshold. Two seconds is Binance's pace. A longer period trades "
                "a little later and never more."
            ),
            "manual.md#by-coin-ratio",
        ),
        Term.INTERVAL: Explanation(
            tr("Interval"),
            tr(
                "By time, the portfolio is looked at in fixed steps from its start, and traded back if the worst drift is "
                "above the gate. A step that was missed because the program was closed is caught up once."
            ),
            "manual.md#by-time",
        ),
        Term.GATE: Explanation(
            tr("Gate"),
            tr(
                "By time, a step at which the worst drift is not above this trades nothing. Binance uses 0.5 % without "
                "showing it. At 0 every drift is traded."
            ),
            "manual.md#by-time",
        ),
        Term.AUTO_BAND: Explanation(
            tr("Auto threshold"),
            tr(
                "A band for each coin instead of one threshold for all: as wide as its weight, the fees and the smallest "
                "order that the exchange accepts call for."
            ),
            "manual.md#by-coin-ratio",
        ),
        Term.EXPECT: Explanation(
            tr("What to expect"),
            tr(
                "How often this rule would trade in a year and what that would cost, from the past prices of your own coins. "
                "It is an estimate: the line below says from what. Test this rule shows the same on every past day."
            ),
            "what-to-expect.md",
        ),
        Term.SMALLEST_DRIFT: Explanation(
            tr("Smallest tradable drift"),
            tr(
                "The drift at which the smallest legal order of some coin is reached. Under it nothing can be traded, "
                "whatever the threshold says: invest more, or choose a larger threshold."
            ),
            "what-to-expect.md",
        ),
    }


def _of_the_levels() -> dict[Term, Explanation]:
    return {
        Term.TRIGGER: Explanation(
            tr("Trigger price"),
            tr(
                "The strategy waits, with its money reserved, until this symbol's price is reached: from below where the "
                "level is above the price now, from above where it is below. Three good prices in a row are needed."
            ),
            "advanced.md#trigger-price",
        ),
        Term.STOP_LOSS: Explanation(
            tr("Stop-loss"),
            tr(
                "Ends the strategy when the price of a symbol, or the strategy's own return, falls to this. This program "
                "watches it; nothing rests on the exchange. While the program is closed it does not fire."
            ),
            "advanced.md#stop-loss-and-take-profit",
        ),
        Term.TAKE_PROFIT: Explanation(
            tr("Take-profit"),
            tr(
                "Ends the strategy when the price of a symbol, or the strategy's own return, rises to this. This program "
                "watches it; nothing rests on the exchange. While the program is closed it does not fire."
            ),
            "advanced.md#stop-loss-and-take-profit",
        ),
        Term.SELL_ALL: Explanation(
            tr("Sell all coins on stop"),
            tr(
                "What becomes of the coins at the end: sold at market, or handed to the free pool as they are. It counts for "
                "stop-loss and take-profit; when you press Stop you are asked again."
            ),
            "advanced.md#sell-all-coins-on-stop",
        ),
    }


def _of_the_figures() -> dict[Term, Explanation]:
    return {
        Term.HODL: Explanation(
            tr("vs HODL"),
            tr(
                "The strategy's value against the same money, bought at the target weights at the same moments and never "
                "traded again. Above zero, rebalancing did better than holding; below, worse. Fees are inside both."
            ),
            "reading-the-numbers.md#against-holding",
        ),
        Term.NET_INVESTED: Explanation(
            tr("Net invested"),
            tr("What was put in, less what was taken out."),
            "reading-the-numbers.md#invested-value-profit",
        ),
        Term.PROFIT: Explanation(
            tr("Profit"),
            tr(
                "Value minus net invested, and in percent of everything that was ever put in. It never jumps because money "
                "was added or removed."
            ),
            "reading-the-numbers.md#invested-value-profit",
        ),
        Term.TIME_WEIGHTED: Explanation(
            tr("Time-weighted return"),
            tr(
                "The return of the portfolio itself, whatever money came or went and when. The figure to compare with "
                "another portfolio, or with a fund."
            ),
            "reading-the-numbers.md#returns",
        ),
        Term.MONEY_WEIGHTED: Explanation(
            tr("Money-weighted return"),
            tr(
                "The yearly rate at which your own money grew, with each payment counted from its day (XIRR). It is high "
                "when you added before a rise, low when you added before a fall."
            ),
            "reading-the-numbers.md#returns",
        ),
        Term.ANNUALISED: Explanation(
            tr("Annualised"),
            tr(
                "The time-weighted return, as if it went on like this for a year. Under seven days it says nothing and is "
                "not shown. It is no forecast."
            ),
            "reading-the-numbers.md#returns",
        ),
        Term.TODAY: Explanation(
            tr("Today"),
            tr("What your strategies gained or lost since midnight, money that came or went left out."),
            "reading-the-numbers.md#today",
        ),
        Term.FEES_RETURN: Explanation(
            tr("Fees return"),
            tr(
                "What Pay fees with BNB gave back: for each trade the fee, what was paid in BNB instead, and what that saved. "
                "Where there was not enough BNB the row says so."
            ),
            "reading-the-numbers.md#fees",
        ),
        Term.PRESET_RETURNS: Explanation(
            tr("Returns on a card"),
            tr(
                "The weights of today, held over the last 7, 30 and 180 days and rebalanced once a day without fees, as if "
                "it had gone on like this for a year. Coins that did badly and vanished are not among them."
            ),
            "presets.md",
        ),
    }


def _of_the_account() -> dict[Term, Explanation]:
    return {
        Term.FREE_POOL: Explanation(
            tr("Free"),
            tr(
                "What the account holds and no strategy owns. A strategy never touches it, or the coins of another one, "
                "unless you move money yourself."
            ),
            "reading-the-numbers.md#the-account",
        ),
        Term.HALTED: Explanation(
            tr("Halted"),
            tr(
                "Something happened that is yours to decide. The money stays where it is, nothing is sent, and the banner "
                "says what happened, what to do, and has the button for it."
            ),
            "what-can-go-wrong.md",
        ),
        Term.WATCH_ONLY: Explanation(
            tr("Watch only"),
            tr(
                "Prices, plans and drifts are shown, and no order is ever sent. A real account begins like this and stays so "
                "until you have switched trading on."
            ),
            "going-live.md",
        ),
    }
