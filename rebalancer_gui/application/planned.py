"""The orders that a wish would send at the newest quotes, and the first that a safety rail would never let go.

A preview shows them and a command asks for them: what is refused is refused alike in the window and in the console.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rebalancer_gui.application.account import Account
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.planning import Plan, plan_rebalance
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters, Target
from rebalancer_gui.domain.valuation import Snapshot, take_snapshot, with_targets


def first_snapshot(account: Account, parameters: StrategyParameters, held: Sequence[HeldCoin] = ()) -> Snapshot:
    """What a new strategy would begin with: its investment as money, and ``held``. Its total is None without good prices."""
    return take_snapshot(
        seq=account.seq,
        at=account.venue.clock.now(),
        quote_asset=parameters.quote,
        targets=parameters.targets,
        quantities={coin.asset: coin.quantity for coin in held},
        cash=parameters.investment,
        quotes=account.quotes,
        stale_after=account.venue.stale_after,
        closed=account.closed_symbols,
    )


def changed_snapshot(
    account: Account, before: Snapshot, targets: tuple[Target, ...], released: Mapping[str, Decimal]
) -> Snapshot:
    """What a strategy would be rebalanced from with other ``targets``; ``released`` coins (units) go back to the free pool
    unsold. Its total is None where a coin that takes part has no good price.
    """
    venue, closed = account.venue, account.closed_symbols
    without = take_snapshot(
        seq=before.seq,
        at=before.at,
        quote_asset=before.quote_asset,
        targets=tuple(Target(h.asset, h.target) for h in before.holdings if h.asset not in released),
        quantities={h.asset: h.quantity for h in before.holdings if h.asset not in released},
        cash=before.cash,
        quotes=account.quotes,
        stale_after=venue.stale_after,
        closed=closed,
    )
    return with_targets(without, targets, account.quotes, venue.stale_after, closed)


def too_large(account: Account, plan: Plan) -> str:
    """Why what was asked for would never be done: its first order that the rails on size keep back, even though its owner
    confirmed it, again and again; "" when there is none.
    """
    for leg in plan.legs:
        quote = account.quotes.get(leg.symbol)
        volume = quote.volume if quote is not None else None
        against = account.rails.against_size(leg.notional, plan.snapshot.total, volume)
        if against:
            return f"{leg.asset}: {against}. Choose less, or allow larger orders in Settings, Safety rails."
    return ""


def refuse_too_large(account: Account, field: str, plan: Plan) -> None:
    """Raises InvalidInput for ``field`` when an order of ``plan`` is too large (``too_large``)."""
    against = too_large(account, plan)
    if against:
        raise InvalidInput(field, against)


def refuse_too_large_from(account: Account, field: str, snapshot: Snapshot | None) -> None:
    """The same for the rebalance from ``snapshot``. Without a good price of each coin there is nothing to measure yet: the
    rails measure each order again just before it is sent.
    """
    if snapshot is not None and snapshot.total is not None:
        refuse_too_large(account, field, plan_rebalance(snapshot, account.rules, account.fees))
