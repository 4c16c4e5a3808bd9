"""How a skipped leg is told on screen. Pure: no Qt."""

from __future__ import annotations

from rebalancer_gui.domain.market import symbol_of
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.plan_figures import AfterRow, PlanFigures, figures_of, leg_fee
from rebalancer_gui.domain.planning import SkippedLeg, SkipReason
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr

# The figures are the domain's; the dialogs read both from here.
__all__ = ["AfterRow", "PlanFigures", "figures_of", "leg_fee", "skipped_text"]


def skipped_text(leg: SkippedLeg, quote: str, numbers: NumberFormat) -> str:
    """Why a leg is skipped, with its numbers: `4.00 USDT is under the 5.00 USDT minimum of SOL/USDT`."""
    wanted = numbers.money(leg.wanted, quote)
    match leg.reason:
        case SkipReason.BELOW_MINIMUM if leg.shortfall > ZERO:
            least = numbers.money(leg.wanted + leg.shortfall, quote)
            return tr(
                "{wanted} is under the {least} minimum of {symbol}",
                wanted=wanted,
                least=least,
                symbol=symbol_of(leg.asset, quote),
            )
        case SkipReason.BELOW_MINIMUM:
            return tr(
                "{wanted}, cut to the step size, is under the minimum of {symbol}",
                wanted=wanted,
                symbol=symbol_of(leg.asset, quote),
            )
        case SkipReason.NO_MONEY:
            return tr("{wanted} wanted, and not enough money is left for it", wanted=wanted)
        case _:
            why = said(leg.detail or leg.reason.value)
            return tr("{wanted} wanted: {why}", wanted=wanted, why=why) if leg.wanted > ZERO else why
