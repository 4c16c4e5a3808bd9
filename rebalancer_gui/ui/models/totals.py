"""What several strategies come to. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.ended_total import EndedTotal
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, total
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.translation import tr

_LEAST = 2
"""One strategy alone is its own total."""


@dataclass(frozen=True, slots=True)
class TotalRow:
    """``count`` strategies in ``quote`` units, percentages in percent; None where one of them is not known, with
    ``reason``. ``over``: they have all ended. ``mixed``: ended ones are listed too and not counted. ``several``: there are
    totals in other money too.
    """

    quote: str
    count: int
    over: bool
    mixed: bool
    several: bool
    invested: Decimal
    value: Decimal | None
    profit: Decimal | None
    profit_percent: Decimal | None
    versus_hodl: Decimal | None
    reason: str = ""
    without: tuple[str, ...] = ()
    """Coins that ``value`` is without: no market quotes them."""


def total_rows(views: Sequence[StrategyView], over: Sequence[EndedTotal] = ()) -> tuple[TotalRow, ...]:
    """One row per quote asset, of those of ``views`` that are not over, or, where all are over, of all of them: then it is
    what the account says of them (``over``), where it does, because those that ended long ago need not be among ``views``.
    """
    going = [view for view in views if view.state is not State.ENDED]
    if views and not going and over:
        counted_over = sum(one.count for one in over)
        return tuple(_total_of_over(one, several=len(over) > 1) for one in over) if counted_over >= _LEAST else ()
    counted = going or list(views)
    if len(counted) < _LEAST:
        return ()
    quotes = list(dict.fromkeys(view.parameters.quote for view in counted))
    kind = _Kind(over=not going, mixed=len(counted) < len(views), several=len(quotes) > 1)
    return tuple(_total(quote, [v for v in counted if v.parameters.quote == quote], kind) for quote in quotes)


def _total_of_over(one: EndedTotal, *, several: bool) -> TotalRow:
    percent = one.profit * HUNDRED / one.added if one.added > ZERO else None
    versus = (one.compared / one.hodl - ONE) * HUNDRED if one.hodl > ZERO else None
    reason = "" if versus is not None else tr("nothing is bought yet")
    return TotalRow(
        one.quote,
        one.count,
        over=True,
        mixed=False,
        several=several,
        invested=one.added,
        value=one.value,
        profit=one.profit,
        profit_percent=percent,
        versus_hodl=versus,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    over: bool
    mixed: bool
    several: bool


def _total(quote: str, views: Sequence[StrategyView], kind: _Kind) -> TotalRow:
    added = total(view.score.added for view in views)
    invested = added if kind.over else total(view.score.net_invested for view in views)
    unknown = [view.parameters.name for view in views if view.score.value is None or view.score.profit is None]
    if unknown:
        reason = tr("the value of {names} is not known", names=", ".join(unknown))
        parts = [view.score.value if view.score.value is not None else view.priced_part for view in views]
        known = [part for part in parts if part is not None]
        value = total(known) if len(known) == len(parts) else None
        coins = {asset for view in views for asset in view.unpriced}
        without = tuple(sorted(coins)) if value is not None else ()
        return TotalRow(
            quote, len(views), kind.over, kind.mixed, kind.several, invested, value, None, None, None, reason, without
        )
    value = total(view.score.value for view in views if view.score.value is not None)
    profit = total(view.score.profit for view in views if view.score.profit is not None)
    percent = profit * HUNDRED / added if added > ZERO else None
    versus, reason = _versus_hodl(views)
    return TotalRow(
        quote, len(views), kind.over, kind.mixed, kind.several, invested, value, profit, percent, versus, reason
    )


def _versus_hodl(views: Sequence[StrategyView]) -> tuple[Decimal | None, str]:
    """In percent, and why it is not known. Who never began, waiting for a trigger or halted meanwhile, has no HODL line."""
    traded = [view for view in views if view.started_at is not None]
    if not traded:
        return None, tr("nothing is bought yet")
    unknown = [view.parameters.name for view in traded if view.score.hodl_value is None]
    hodl = total(view.score.hodl_value for view in traded if view.score.hodl_value is not None)
    if unknown or hodl <= ZERO:
        return None, tr("the HODL line of {value} is not known", value=", ".join(unknown) or tr("all"))
    value = total(view.score.value for view in traded if view.score.value is not None)
    return (value / hodl - ONE) * HUNDRED, ""
