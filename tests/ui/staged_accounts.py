"""Accounts as the screens of ``screenshots.py`` show them: halted, frozen, over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import MINIMUM_VALUE_MESSAGE
from rebalancer_gui.domain.rails import AccountKind, Rail, RailSet
from rebalancer_gui.domain.strategy import Direction, HaltKind, State, TradingMode
from tests.ui.fake_quarantine import candidate, quarantine, undecided
from tests.ui.fake_safety import propose
from tests.ui.paper_side import halt, halt_market
from tests.ui.sample_account import SampleAccount, demo_state, four_strategies, wait_for_trigger

DAMAGED = (
    "The account's file is damaged: database disk image is malformed.",
    (
        "Nothing was overwritten. Put a copy from the folder backups in its place, or move the file away to begin with a new "
        "paper account."
    ),
)
"""What the engine says when the ledger cannot be read, and what can be done."""


def full_account() -> SampleAccount:
    """The four strategies of the design, with prices that have moved."""
    account = SampleAccount()
    account.strategies = four_strategies(account.prices)
    for asset, change in (("BTC", "1.05"), ("SOL", "0.99"), ("CAKE", "1.06"), ("UNI", "1.02")):
        account.prices[asset] *= Decimal(change)
    wait_for_trigger(account.strategies[3], "SOL/USDT", "140", Direction.FALLING)
    return account


def special_account() -> SampleAccount:
    """A frozen coin, one that left the portfolio, one of unknown cost; three weeks of life."""
    account = full_account()
    strategy = account.strategies[0]
    strategy.quantities["DOGE"], strategy.left = Decimal(12), ("DOGE",)
    strategy.average_costs.update({"DOGE": Decimal("0.2"), "ETH": None})
    halt_market(strategy, "SOL")
    return account


def halted_account(reason: str, *, stop_all: bool = False) -> SampleAccount:
    """Its first strategy is halted for ``reason``."""
    account = full_account()
    account.stop_all = stop_all
    halt(account.strategies[0], HaltKind.STOP_ALL if stop_all else HaltKind.REFUSED, reason)
    return account


def halted_whole_account() -> SampleAccount:
    """It trades no more."""
    account = full_account()
    account.engine = "halted"
    account.halted = "The exchange holds 0.5 BTC, the ledger 0.6. Money is missing that belongs to strategies."
    return account


def take_right(account: SampleAccount) -> None:
    """Its first strategy is halted because the account may not trade."""
    assert account.paper is not None
    account.paper = replace(account.paper, may_trade=False)
    reason = "The account or its key may no longer trade. The exchange said: this account may not trade"
    halt(account.strategies[0], HaltKind.NO_RIGHT, reason)


def halt_for_foreign_order(account: SampleAccount) -> None:
    """Its first strategy is halted because of somebody else's order."""
    halt(account.strategies[0], HaltKind.FOREIGN_ORDER, "An order that is not this program's holds 0.01 BTC")


def undecided_account(*, listed: bool = True, several: bool = False) -> SampleAccount:
    """Nothing could be proven about an order of its first strategy."""
    account = full_account()
    found = (candidate(), candidate("28457201977", "0", client_order_id="web_a41f0c2d9e"))
    unlisted = "" if listed else "the exchange did not answer within 10 seconds"
    views = [undecided(*(found if listed else ()), unlisted=unlisted)]
    if several:
        views.append(undecided(side=Side.BUY, client_order_id="rb7k2m9x4q0002t5"))
    quarantine(account.strategies[0], *views)
    return account


def late_order_account() -> SampleAccount:
    """Its first strategy is halted because an order turned up after it was proven absent."""
    account = full_account()
    reason = (
        "An order that was proven absent turned up at the exchange (sell 0.0415 BTC/USDT). What it traded is booked. Look at "
        "the orders before it goes on."
    )
    halt(account.strategies[0], HaltKind.LATE_ORDER, reason)
    return account


def too_small_account() -> SampleAccount:
    """Its first strategy cannot send any order."""
    account = full_account()
    account.strategies[0].message = MINIMUM_VALUE_MESSAGE
    account.strategies[0].message_advice = (
        "Short of the smallest order: BTC 1.17 USDT, ETH 1.17 USDT. With a threshold of 2 % or 76.40 USDT more in the "
        "strategy at least one order can be sent."
    )
    return account


def ended_account() -> SampleAccount:
    """The replay is over, one strategy too."""
    account = full_account()
    account.demo = demo_state(ended=True)
    account.strategies[0].state, account.strategies[0].reason = State.ENDED, "stopped by the user"
    account.strategies[1].checking_order = True
    return account


def frozen_account() -> SampleAccount:
    """The market of a coin of its first strategy is closed."""
    account = full_account()
    strategy = account.strategies[0]
    strategy.state, strategy.halt, strategy.frozen = State.HALTED, HaltKind.MARKET, ("SOL",)
    strategy.reason = "the market of SOL/USDT is closed"
    return account


def live_rails_account() -> SampleAccount:
    """The rails of an account on live prices, one of them changed and one switched off."""
    account = full_account()
    account.rails = RailSet(AccountKind.PAPER).with_settings({Rail.INTERVAL: Decimal(120)}, frozenset({Rail.DEPEG}))
    return account


def proposing_account(*, only_shown: bool = False) -> SampleAccount:
    """Its first strategy proposes a rebalance, or would."""
    account = full_account()
    account.trading = TradingMode.WATCH if only_shown else TradingMode.APPROVE
    propose(account, "s-core4", only_shown=only_shown)
    return account


def selling_account() -> SampleAccount:
    """Its first strategy is being stopped, and one coin cannot be sold yet."""
    account = full_account()
    strategy = account.strategies[0]
    strategy.state = State.STOPPING
    strategy.waits = "SOL: the spread of SOL is 4.2 %, over 3 %. It is tried again every 10 seconds."
    return account
