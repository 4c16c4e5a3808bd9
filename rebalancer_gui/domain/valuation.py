"""What a portfolio is worth and how far it is from its weights (BEHAVIOUR.md section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from rebalancer_gui.domain.market import STALE_AFTER, Quote, QuoteFault, symbol_of
from rebalancer_gui.domain.money import HUNDRED, ZERO, total
from rebalancer_gui.domain.quick import quickly
from rebalancer_gui.domain.strategy import Target


@dataclass(frozen=True, slots=True)
class Holding:
    """One coin of a portfolio. Without a good price value, weight and drift are None and ``fault`` says why.

    ``quantity`` in base units, ``price`` the mid in quote units, ``weight``, ``target`` in percent, ``drift`` in pp.
    """

    asset: str
    quantity: Decimal
    target: Decimal
    quote: Quote | None
    fault: QuoteFault | None
    value: Decimal | None
    weight: Decimal | None
    drift: Decimal | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One frozen look at a portfolio: it decides, it is planned on, stored and shown.

    ``total`` = sum(quantity x mid) + own quote cash, in quote units; None while any coin has no good price.
    ``seq`` grows by one per snapshot of an account and answers "why did it trade?".
    """

    seq: int
    at: datetime
    quote_asset: str
    holdings: tuple[Holding, ...]
    cash: Decimal
    total: Decimal | None

    @property
    def worst(self) -> Holding | None:
        """The holding with the largest |drift| (the first of equals); None while drifts are unknown."""
        if self.total is None:
            return None
        worst: Holding | None = None
        most = ZERO
        for row in self.holdings:
            if row.drift is not None and (worst is None or abs(row.drift) > most):
                worst, most = row, abs(row.drift)
        return worst

    @property
    def worst_drift(self) -> Decimal | None:
        """Max |drift| in pp; None while it is unknown."""
        worst = self.worst
        return abs(worst.drift) if worst is not None and worst.drift is not None else None

    @property
    def priced_part(self) -> Decimal | None:
        """Own cash and the coins that have a price, in quote units, where only closed markets keep ``total`` from being
        known (see :attr:`unpriced`); None with any other fault. For the eye: nothing is decided on it.
        """
        if any(h.fault is not QuoteFault.CLOSED for h in self.faults):
            return None
        return self.cash + total(h.value for h in self.holdings if h.value is not None)

    @property
    def known_value(self) -> Decimal | None:
        """What it is worth, in quote units: ``total``, also where only coins of which nothing is held have no market.
        For the eye; what is decided rests on ``total``, because such a coin cannot be bought.
        """
        return self.total if self.total is not None or self.unpriced else self.priced_part

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Coins that are held and have no price because their market is closed."""
        return tuple(h.asset for h in self.faults if h.fault is QuoteFault.CLOSED and h.quantity > ZERO)

    @property
    def faults(self) -> tuple[Holding, ...]:
        return tuple(h for h in self.holdings if h.fault is not None)

    def holding(self, asset: str) -> Holding:
        """The row of ``asset``; KeyError when it is not in the portfolio."""
        for row in self.holdings:
            if row.asset == asset:
                return row
        raise KeyError(asset)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a coin counts for at one moment: ``mid`` in quote units, None exactly where ``fault`` says why not."""

    quote: Quote | None
    fault: QuoteFault | None
    mid: Decimal | None


class Marks:
    """The quotes of one moment: each is looked at once, in however many portfolios its coin is.

    ``closed`` says of a symbol whether its market takes no orders. ``quotes`` must not change while this is used.
    """

    __slots__ = ("_closed", "_known", "_stale_after", "at", "quotes")

    def __init__(
        self,
        quotes: Mapping[str, Quote],
        at: datetime,
        stale_after: timedelta | None = STALE_AFTER,
        closed: Callable[[str], bool] = lambda _symbol: False,
    ) -> None:
        self.at = at
        self.quotes = quotes
        self._stale_after = stale_after
        self._closed = closed
        self._known: dict[str, dict[str, Mark]] = {}

    def known_in(self, money: str) -> dict[str, Mark]:
        """Those that were looked at so far in units of ``money``, by coin."""
        return self._known.setdefault(money, {})

    def look(self, asset: str, money: str) -> Mark:
        """``asset`` in units of ``money``; known from now on."""
        symbol = symbol_of(asset, money)
        quote = self.quotes.get(symbol)
        fault = QuoteFault.MISSING if quote is None else quote.fault(self.at, self._stale_after)
        if self._closed(symbol):
            fault = QuoteFault.CLOSED
        mark = Mark(quote, fault, quote.mid if quote is not None and fault is None else None)
        self.known_in(money)[asset] = mark
        return mark


def take_snapshot(
    *,
    seq: int,
    at: datetime,
    quote_asset: str,
    targets: tuple[Target, ...],
    quantities: Mapping[str, Decimal],
    cash: Decimal,
    quotes: Mapping[str, Quote],
    stale_after: timedelta | None = STALE_AFTER,
    closed: frozenset[str] = frozenset(),
) -> Snapshot:
    """Value ``quantities`` (base units per asset) and ``cash`` (quote units) against ``targets`` at ``quotes``.

    Weights are in percent of the total and drift = weight - target in pp. One bad quote leaves total, weights and
    drifts unknown: weights of a part would be wrong for all. ``closed`` names the symbols that take no orders.
    """
    marks = Marks(quotes, at, stale_after, closed.__contains__)
    return snapshot_at(marks, seq, quote_asset, targets, quantities, cash)


def snapshot_at(
    marks: Marks,
    seq: int,
    quote_asset: str,
    targets: tuple[Target, ...],
    quantities: Mapping[str, Decimal],
    cash: Decimal,
) -> Snapshot:
    """As :func:`take_snapshot`; several portfolios of one moment share ``marks``."""
    known = marks.known_in(quote_asset)
    rows: list[tuple[Target, Decimal, Mark, Decimal | None]] = []
    worth: Decimal | None = cash
    for target in targets:
        quantity = quantities.get(target.asset, ZERO)
        mark = known.get(target.asset) or marks.look(target.asset, quote_asset)
        value = None if mark.mid is None else quantity * mark.mid
        worth = None if worth is None or value is None else worth + value
        rows.append((target, quantity, mark, value))
    if worth is None or worth <= ZERO:
        unweighed = [_make_holding(t.asset, q, t.weight, m.quote, m.fault, v, None, None) for t, q, m, v in rows]
        return Snapshot(seq, marks.at, quote_asset, tuple(unweighed), cash, worth)
    holdings = []
    for target, quantity, mark, value in rows:
        # With a total every coin has a value.
        weight = value * HUNDRED / worth if value is not None else ZERO
        drift = weight - target.weight
        holdings.append(
            _make_holding(target.asset, quantity, target.weight, mark.quote, mark.fault, value, weight, drift)
        )
    return Snapshot(seq, marks.at, quote_asset, tuple(holdings), cash, worth)


_make_holding = quickly(Holding)


def with_cash(snapshot: Snapshot, cash: Decimal) -> Snapshot:
    """The same look with another amount of quote money: total, weights and drifts follow."""
    worth = snapshot.total + cash - snapshot.cash if snapshot.total is not None else None
    holdings = tuple(
        _holding(Target(h.asset, h.target), h.quantity, h.quote, h.fault, h.value, worth) for h in snapshot.holdings
    )
    return replace(snapshot, holdings=holdings, cash=cash, total=worth)


def with_targets(
    snapshot: Snapshot,
    targets: tuple[Target, ...],
    quotes: Mapping[str, Quote],
    stale_after: timedelta | None = None,
    closed: frozenset[str] = frozenset(),
) -> Snapshot:
    """The same holdings and cash against other ``targets``: a coin that left keeps its place with the target 0.

    Coins of ``snapshot`` keep their price and what is wrong with it; for those that come, ``quotes``, ``stale_after`` and
    ``closed`` decide as in :func:`take_snapshot`.
    """
    known = {h.asset: h for h in snapshot.holdings}
    kept = {t.asset for t in targets}
    left = tuple(Target(h.asset, ZERO) for h in snapshot.holdings if h.asset not in kept and h.quantity > ZERO)
    fresh = take_snapshot(
        seq=snapshot.seq,
        at=snapshot.at,
        quote_asset=snapshot.quote_asset,
        targets=tuple(t for t in targets if t.asset not in known),
        quantities={},
        cash=ZERO,
        quotes=quotes,
        stale_after=stale_after,
        closed=closed,
    )
    known |= {h.asset: h for h in fresh.holdings}
    rows = [(target, known[target.asset]) for target in (*targets, *left)]
    values = [row.value for _, row in rows]
    worth = snapshot.cash + total(value for value in values if value is not None) if None not in values else None
    holdings = tuple(_holding(t, row.quantity, row.quote, row.fault, row.value, worth) for t, row in rows)
    return replace(snapshot, holdings=holdings, total=worth)


def _holding(
    target: Target,
    quantity: Decimal,
    quote: Quote | None,
    fault: QuoteFault | None,
    value: Decimal | None,
    worth: Decimal | None,
) -> Holding:
    weight = value * HUNDRED / worth if worth is not None and worth > ZERO and value is not None else None
    drift = weight - target.weight if weight is not None else None
    return _make_holding(target.asset, quantity, target.weight, quote, fault, value, weight, drift)
