"""The line of key figures under the ratios: what was put in, what came of it, what it cost. Pure: no Qt.

Value and profit stand in the title row of the details.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain import money_weighted
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.performance import LEAST_DAYS
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr

_WHY_NO_RATE = {
    money_weighted.TOO_SHORT: tr("less than a day has passed"),
    money_weighted.ALL_ONE_WAY: tr("nothing of it came back, so there is no rate at which it would be even"),
    money_weighted.NO_RATE: tr("no rate fits these flows"),
    money_weighted.SEVERAL_RATES: tr("more than one rate fits these flows"),
    money_weighted.TOO_LARGE: tr("a rate of more than 1,000,000 % a year says nothing"),
}


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """``name`` and ``value`` as they are shown, and ``more`` with a value of its own; ``meaning`` is for the tooltip."""

    name: str
    value: str
    meaning: str
    more: str = ""
    more_value: str = ""

    @property
    def text(self) -> str:
        more = f", {self.more} {self.more_value}" if self.more else ""
        return f"{self.name} {self.value}{more}"


def key_figures(view: StrategyView, numbers: NumberFormat) -> list[KeyFigure]:
    """In the order of the line; what is not known yet is left out."""
    score, quote = view.score, view.parameters.quote
    if view.state is State.WAITING:
        reserved = numbers.fixed(score.net_invested)
        return [KeyFigure(tr("Reserved"), reserved, tr("Money in {quote} that waits for the trigger", quote=quote))]
    over = view.state is State.ENDED
    if over:
        figures = [
            KeyFigure(
                tr("Invested"), numbers.fixed(score.added), tr("Everything that was put in, {quote}", quote=quote)
            )
        ]
    else:
        meaning = tr("What was put in less what was taken out, {quote}", quote=quote)
        figures = [KeyFigure(tr("Net invested"), numbers.fixed(score.net_invested), meaning)]
    if score.realised is not None and score.unrealised is not None:
        meaning = tr(
            "The profit in two parts, {quote}: what sales, fees and coins given back have brought, and what the coins that are "
            "held have gained on paper",
            quote=quote,
        )
        on_paper = "" if over else numbers.signed(score.unrealised)
        words = tr("unrealised") if on_paper else ""
        figures.append(KeyFigure(tr("Realised"), numbers.signed(score.realised), meaning, words, on_paper))
    if score.versus_hodl is not None:
        meaning = tr("Value against the same money bought at the target weights and never traded again")
        figures.append(KeyFigure(tr("vs HODL"), numbers.change_percent(score.versus_hodl), meaning))
    if score.time_weighted is not None:
        meaning = tr("The return of the portfolio itself, whatever money came or went; fees are inside")
        figures.append(KeyFigure(tr("Time-weighted"), numbers.change_percent(score.time_weighted), meaning))
    if score.annualised is not None:
        meaning = tr("The time-weighted return a year, over whole days")
        figures.append(KeyFigure(tr("Annualised"), numbers.change_percent(score.annualised), meaning))
    if score.money_weighted.percent is not None and _is_told(view):
        meaning = tr("What the money earned a year for as long as it was in (XIRR, act/365)")
        value = numbers.change_percent(score.money_weighted.percent)
        figures.append(KeyFigure(tr("Money-weighted"), value, meaning))
    meaning = tr("Paid to the exchange, and what Pay fees with BNB saved of them, {quote}", quote=quote)
    returned = numbers.fixed(view.fees_returned) if view.fees_returned > ZERO else ""
    figures.append(
        KeyFigure(tr("Fees"), numbers.fixed(view.fees_paid), meaning, tr("returned") if returned else "", returned)
    )
    meaning = tr(
        "Rebalances that sent orders, and those that triggered and could send none: the reasons are in their tab"
    )
    skipped = numbers.fixed(Decimal(view.skipped), 0) if view.skipped else ""
    done = numbers.fixed(Decimal(view.rebalances), 0)
    figures.append(KeyFigure(tr("Rebalances"), done, meaning, tr("skipped") if skipped else "", skipped))
    return figures


def meanings(view: StrategyView, numbers: NumberFormat) -> str:
    """What each figure means, a line each, and why the annualised return may be missing."""
    lines = [f"{figure.name}: {figure.meaning}." for figure in key_figures(view, numbers)]
    if view.state is not State.WAITING and view.score.annualised is None:
        days = _days(view)
        so_far = tr(" (now {days})", days=days) if days is not None else ""
        lines.append(
            tr("Annualised: shown from {LEAST_DAYS} whole days on{so_far}.", LEAST_DAYS=LEAST_DAYS, so_far=so_far)
        )
        if not _is_told(view):
            lines.append(tr("Money-weighted: shown from {days} whole days on{so_far}.", days=LEAST_DAYS, so_far=so_far))
    why = view.score.money_weighted.why
    if view.state is not State.WAITING and why and _is_told(view):
        lines.append(tr("Money-weighted: not shown, because {why}.", why=_WHY_NO_RATE.get(why, why)))
    return "\n".join(lines)


def _is_told(view: StrategyView) -> bool:
    """Rates a year are shown from so many days on."""
    days = _days(view)
    return days is not None and days >= LEAST_DAYS


def _days(view: StrategyView) -> int | None:
    until = view.ended_at or (view.snapshot.at if view.snapshot is not None else None)
    if view.started_at is None or until is None:
        return None
    return max(0, (until - view.started_at) // timedelta(days=1))
