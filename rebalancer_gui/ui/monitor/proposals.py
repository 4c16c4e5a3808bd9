"""What the banner of a proposed rebalance says. Pure: no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rebalancer_gui.application.proposal import Proposal
from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.planning import Leg
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, utc_clock
from rebalancer_gui.ui.translation import tr

_NAMED = 3
"""So many orders are named before the rest is counted."""


@dataclass(frozen=True, slots=True)
class ProposalWords:
    """``blocked`` is why Approve cannot help; None: it can."""

    id: str
    headline: str
    orders: str
    stands: str
    only_shown: bool


def proposal_of(view: StrategyView, account: AccountView, numbers: NumberFormat) -> ProposalWords | None:
    """The banner of ``view``; None where nothing is proposed, or where it was approved already."""
    proposal = view.proposal
    if proposal is None or proposal.approved or view.state is not State.RUNNING:
        return None
    drift = proposal.plan.snapshot.worst_drift
    worst = tr(", worst drift {drift}", drift=numbers.fixed(drift, 2, tr("pp"))) if drift is not None else ""
    if proposal.only_shown:
        headline = tr("Would rebalance now ({reason}{worst})", reason=said(proposal.reason.value), worst=worst)
        stands = tr("The account is on watch only: nothing is sent. Settings (Ctrl+,) has the trading mode.")
    else:
        headline = tr("Rebalance now? ({reason}{worst})", reason=said(proposal.reason.value), worst=worst)
        stands = _stands(proposal, account)
    return ProposalWords(
        proposal.id, headline, orders_text(proposal, view.parameters.quote, numbers), stands, proposal.only_shown
    )


def orders_text(proposal: Proposal, quote: str, numbers: NumberFormat) -> str:
    """``Sell 120.00 USDT of BTC, buy 80.00 USDT of ETH and 40.00 USDT of SOL; 1 coin skipped. Fees about 0.24 USDT.``"""
    legs = proposal.plan.legs
    words = [_leg_text(leg, quote, numbers) for leg in legs[:_NAMED]]
    more = tr(" and {count} more", count=len(legs) - _NAMED) if len(legs) > _NAMED else ""
    skipped = len(proposal.plan.skipped)
    left = ""
    if skipped:
        left = tr("; 1 coin skipped") if skipped == 1 else tr("; {count} coins skipped", count=skipped)
    fees = tr(" Fees about {estimated_fees}.", estimated_fees=numbers.money(proposal.plan.estimated_fees, quote))
    text = f"{', '.join(words)}{more}{left}.{fees}"
    return text[:1].upper() + text[1:]


def _leg_text(leg: Leg, quote: str, numbers: NumberFormat) -> str:
    notional = numbers.money(leg.notional, quote)
    if leg.side is Side.SELL:
        return tr("sell {notional} of {asset}", notional=notional, asset=leg.asset)
    return tr("buy {notional} of {asset}", notional=notional, asset=leg.asset)


def _stands(proposal: Proposal, account: AccountView) -> str:
    left = max(timedelta(0), proposal.expires_at - account.at)
    if account.demo is not None and account.demo.paused:
        return tr("The demo market stands still until you answer.")
    if left == timedelta(0):
        return tr("It is being planned anew.")
    until: datetime = proposal.expires_at
    return tr(
        "It stands until {utc_clock} UTC, or until a price moves by 0.3 %; then it is planned anew.",
        utc_clock=utc_clock(until),
    )
