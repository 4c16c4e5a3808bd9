"""What can happen to a paper account outside the program: money comes and goes, coins change, the right to trade is taken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rebalancer_gui.adapters.venues.coin_life import Happening
from rebalancer_gui.adapters.venues.demo_feed import DemoFeed
from rebalancer_gui.adapters.venues.holdings import Holdings
from rebalancer_gui.adapters.venues.paper_ledger import PaperLedger, Transfers
from rebalancer_gui.adapters.venues.simulated_market import SimulatedMarket
from rebalancer_gui.application.paper_port import MarketEvent, PaperState
from rebalancer_gui.domain.errors import InvalidInput, InvariantBroken
from rebalancer_gui.domain.fee_return import BNB
from rebalancer_gui.domain.market import MarketRules
from rebalancer_gui.domain.money import ZERO, floor_to_step, on_grid, plain

TRANSFER_GRID = Decimal("0.00000001")
MAX_TRANSFER = Decimal(10) ** 12
"""Of one transfer, in the asset's own units."""


@dataclass(slots=True)
class OpenAccount:
    """What an open paper account knows by heart; the file holds the same. The ids are the last ones used."""

    holdings: Holdings = field(default_factory=lambda: Holdings({}))
    last_order_id: int = 0
    last_trade_id: int = 0
    may_trade: bool = True


class PaperMoneyControls:
    """What ``application.paper_port.PaperControls`` offers on every paper account: money in and out, fees given back, the right
    to trade. Engine thread only; ``reopen`` makes ``account`` agree with the file after a failed write, or raises
    EnvironmentProblem; ``now`` is the venue's time; ``assets`` all that has a market now.

    Each change is checked, stored in one transaction, and only then believed.
    """

    def __init__(
        self,
        account: OpenAccount,
        ledger: PaperLedger,
        reopen: Callable[[], None],
        now: Callable[[], datetime],
        assets: Callable[[], Collection[str]],
    ) -> None:
        self._account = account
        self._ledger = ledger
        self._reopen = reopen
        self._now = now
        self._assets = assets

    def _name_of(self, asset: str) -> str:
        """What is called ``asset`` in a trade of then goes by this name now."""
        return asset

    def deposit(self, asset: str, amount: Decimal) -> None:
        self._reopen()
        self._check_transfer(asset, amount)
        holdings = self._account.holdings.copy()
        holdings.receive(asset, amount)
        self._transfer(asset, amount, holdings)

    def withdraw(self, asset: str, amount: Decimal) -> None:
        self._reopen()
        self._check_transfer(asset, amount)
        holdings = self._account.holdings.copy()
        free = holdings.free(asset)
        if amount > free:
            most = floor_to_step(free, TRANSFER_GRID)
            raise InvalidInput("amount", f"The account has {plain(most)} {asset} free; no more can be withdrawn.")
        holdings.send_out(asset, amount)
        self._transfer(asset, -amount, holdings)

    def return_fee(self, trade_id: str, bnb: Decimal) -> None:
        """A trade whose fee went back already is left as it is."""
        self._reopen()
        found = self._ledger.fee_of(int(trade_id)) if trade_id.isdecimal() else None
        if found is None:
            raise InvariantBroken(
                f"The fee of the trade {trade_id} cannot go back: the paper account has no such trade."
            )
        if found.returned:
            return
        paid_in, paid_back = self._name_of(BNB), self._name_of(found.asset)
        holdings = self._account.holdings.copy()
        if not (bnb.is_finite() and ZERO <= bnb <= holdings.free(paid_in)):
            raise InvariantBroken(f"{bnb} {paid_in} cannot be paid for fees: the paper account has not so much.")
        holdings.send_out(paid_in, bnb)
        holdings.receive(paid_back, found.fee)
        transfers = [(paid_in, -bnb), (paid_back, found.fee)]
        self._ledger.add_fee_return(int(trade_id), bnb, transfers, holdings.balances(), self._now())
        self._account.holdings = holdings

    def set_may_trade(self, may_trade: bool) -> None:  # noqa: FBT001 - the port's own signature
        self._reopen()
        if may_trade != self._account.may_trade:
            self._ledger.add_trading_right(self._now(), may_trade=may_trade)
            self._account.may_trade = may_trade

    def _transfer(self, asset: str, amount: Decimal, holdings: Holdings) -> None:
        self._ledger.add_transfers([(asset, amount)], holdings.balances(), self._now())
        self._account.holdings = holdings

    def _check_transfer(self, asset: str, amount: Decimal) -> None:
        if (now_called := self._name_of(asset)) != asset:
            raise InvalidInput("asset", f"{asset} is called {now_called} now.")
        if asset not in self._assets() and self._account.holdings.free(asset) == ZERO:
            raise InvalidInput(
                "asset", f"There is no asset {asset} here: name one that the account holds or has a market for."
            )
        legal = amount.is_finite() and ZERO < amount <= MAX_TRANSFER and on_grid(amount, TRANSFER_GRID)
        if not legal:
            raise InvalidInput(
                "amount", f"The amount must be above 0 and at most {MAX_TRANSFER:,}, with at most 8 decimals."
            )


class PaperAccountControls(PaperMoneyControls):
    """Implements ``application.paper_port.PaperControls`` on an invented market, whose coins can be halted and renamed too."""

    def __init__(
        self,
        account: OpenAccount,
        ledger: PaperLedger,
        market: SimulatedMarket,
        feed: DemoFeed,
        reopen: Callable[[], None],
    ) -> None:
        super().__init__(account, ledger, reopen, feed.clock.now, lambda: assets_of(market.rules))
        self._market = market
        self._feed = feed

    def state(self) -> PaperState:
        life = self._market.life
        return PaperState(self._account.may_trade, dict(life.closed), dict(life.renamed))

    def _name_of(self, asset: str) -> str:
        return self._market.life.names_of(asset)[-1]

    def change_market(self, event: MarketEvent, asset: str, new_name: str = "") -> None:
        """``new_name`` counts for RENAME only."""
        self._reopen()
        happening = Happening(event, asset, new_name if event is MarketEvent.RENAME else "")
        self._check_happening(happening)
        life = self._market.life.after(happening)
        holdings = self._account.holdings.copy()
        transfers: Transfers = ()
        if event is MarketEvent.RENAME and (amount := holdings.rename(asset, new_name)) > ZERO:
            transfers = ((asset, -amount), (new_name, amount))
        self._ledger.add_happening(happening, transfers, holdings.balances(), self._now())
        self._account.holdings = holdings
        self._market.become(life)
        self._feed.markets_changed()

    def _check_happening(self, happening: Happening) -> None:
        asset, rules = happening.asset, self._market.rules.values()
        if asset in {market.quote for market in rules}:
            raise InvalidInput("asset", f"{asset} is what prices are quoted in; only coins can be changed.")
        if asset not in {market.base for market in rules}:
            raise InvalidInput("asset", f"There is no market of {asset} on this account.")
        objection = self._market.life.objection(happening)
        if objection is not None:
            raise InvalidInput(objection.field, objection.text)
        if happening.new_name in self._market.assets | self._account.holdings.balances().keys():
            raise InvalidInput("new_name", f"The name {happening.new_name} is or was in use already.")


class RealMarketsControls(PaperMoneyControls):
    """The same on the prices of a real exchange, where nobody here can halt or rename a coin."""

    def state(self) -> PaperState:
        return PaperState(self._account.may_trade, {}, {}, changes_markets=False)

    def change_market(self, event: MarketEvent, asset: str, new_name: str = "") -> None:
        """Always refused: the markets are the exchange's own."""
        del event, asset, new_name
        raise InvalidInput(
            "event", "The markets of this account are those of a real exchange: only it can change them."
        )


def assets_of(rules: Mapping[str, MarketRules]) -> frozenset[str]:
    """All that has a market."""
    return frozenset(asset for market in rules.values() for asset in (market.base, market.quote))
