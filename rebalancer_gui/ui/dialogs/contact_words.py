"""What is said of a first contact: what it is, what it costs, how far it is, what it proved. Pure: no Qt."""

from __future__ import annotations

from decimal import Decimal

from rebalancer_gui.application.live_port import Evidence, Quotation
from rebalancer_gui.application.records import OrderRow
from rebalancer_gui.application.views import StrategyView
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import IntentState, Side
from rebalancer_gui.domain.strategy import State
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat, places_of, utc_stamp
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level, Notice

WHAT_IT_IS = tr(
    "One smallest legal order is bought with this key and sold back at once, the way every later order goes: stored, sent, "
    "looked up, booked. It proves that this account, this key and this program work together, before any strategy trades."
)
NO_OFFERS = tr(
    "Nothing can be bought for it now: it takes a little free money (about the exchange's smallest order) and a good price of "
    "BTC, ETH, SOL, XRP, LTC or DOGE. Then press Check again."
)
CUT_SHORT = tr(
    "Another key was put in since, so nothing of it is sent. When the test finds nothing against that key, it goes on: what was "
    "bought is sold back."
)
_STEPS = {
    State.BUILDING: tr("Buying: step 1 of 3."),
    State.RUNNING: tr("Bought, the sale comes next: step 2 of 3."),
    State.STOPPING: tr("Selling back: step 2 of 3."),
    State.ENDED: tr("Sold back, it is being booked: step 3 of 3."),
}
_STATES = {
    IntentState.SENDING: tr("is being sent"),
    IntentState.UNKNOWN: tr("has no answer yet and is looked up"),
    IntentState.QUARANTINED: tr("is yours to decide (its details have the order)"),
    IntentState.REJECTED: tr("was refused"),
    IntentState.ABSENT: tr("never arrived"),
    IntentState.REOPENED: tr("turned up late"),
    IntentState.ACKED: tr("is at the exchange"),
    IntentState.DONE: tr("is done"),
    IntentState.SETTLED: tr("is settled"),
    IntentState.RELEASED: tr("was not sent"),
}


def offer_text(offer: Quotation, numbers: NumberFormat) -> str:
    """``BTC/USDT: uses 10.52 USDT, costs about 0.03 USDT``"""
    return tr(
        "{symbol}: uses {small_money}, costs about {cost}",
        symbol=offer.symbol,
        small_money=small_money(offer.investment, offer.quote, numbers),
        cost=cost_text(offer, numbers),
    )


def cost_text(offer: Quotation, numbers: NumberFormat) -> str:
    """A cost under a cent keeps two digits that say something."""
    return small_money(offer.cost, offer.quote, numbers)


def small_money(value: Decimal, unit: str, numbers: NumberFormat) -> str:
    """Money with cents; below one with as many decimals as it takes to show two digits of it."""
    if value == ZERO or abs(value) >= 1:
        return numbers.money(value, unit)
    places = min(8, max(2, 1 - value.adjusted()))
    return numbers.fixed(value, places, unit)


def question_text(offer: Quotation, account: str, money: str, numbers: NumberFormat) -> str:
    """Before it is begun. ``money``: whose it is (`live_words.money_of`)."""
    coin = offer.symbol.partition("/")[0]
    return tr(
        "{small_money} of {account} buy {coin}, which is sold back at once. About "
        "{cost} of it do not come back: two fees and the difference between the two prices. It is "
        "{money}. The account stays on watch only afterwards.",
        small_money=small_money(offer.investment, offer.quote, numbers),
        account=account,
        coin=coin,
        cost=cost_text(offer, numbers),
        money=money,
    )


def progress(contact: StrategyView, *, waits: bool = False) -> Notice:
    """How far it is, or what holds it. ``waits``: another key was put in, of which it is not known whether it may be used."""
    if waits:
        return Notice(Level.WARNING, tr("The first contact was cut short"), CUT_SHORT, icon="building")
    if contact.state is State.HALTED:
        advice = said(contact.advice) or tr("Close this and look at its details.")
        return Notice(Level.BLOCKING, tr("The first contact is held"), f"{said(contact.reason).rstrip('.')}. {advice}")
    return Notice(Level.NOTE, tr("The first contact is under way"), _progress_text(contact), icon="building")


def _progress_text(contact: StrategyView) -> str:
    if contact.checking_order:
        return tr("The outcome of its order is being looked up. It goes on as soon as that is known.")
    if contact.waits:
        return said(contact.waits)
    step = _STEPS.get(contact.state)
    if step is None:
        return said(contact.decision)
    _name, holds, why = contact.decision.partition(" holds: ")
    return tr("{step} It holds: {why}", step=step, why=why) if holds else step


def order_text(row: OrderRow, numbers: NumberFormat) -> str:
    """``Buy 0.00012 BTC (rb...) is settled: 0.00012 for 11.57 USDT``"""
    coin, _, money = row.symbol.partition("/")
    side = tr("Buy") if row.side is Side.BUY else tr("Sell")
    got = ""
    if row.filled > ZERO:
        filled = numbers.fixed(row.filled, places_of(row.filled), coin)
        got = tr(": {filled} for {small_money}", filled=filled, small_money=small_money(row.cost, money, numbers))
    quantity = numbers.fixed(row.quantity, places_of(row.quantity), coin)
    why = f" ({said(row.reason).rstrip('.')})" if row.reason and not got else ""
    return f"{side} {quantity} {_STATES[row.state]}{got}{why}"


def evidence_text(evidence: Evidence, numbers: NumberFormat) -> str:
    """When it was made, in what, what it cost and which orders prove it."""
    cost = small_money(abs(evidence.cost), evidence.quote, numbers)
    came = (
        tr("it cost {cost}", cost=cost)
        if evidence.cost >= ZERO
        else tr("the price rose meanwhile, so it brought {cost}", cost=cost)
    )
    return tr(
        "Made on {utc_stamp} UTC in {symbol} with the key {fingerprint}; {came}. Its orders: {names}.",
        utc_stamp=utc_stamp(evidence.at),
        symbol=evidence.symbol,
        fingerprint=evidence.fingerprint,
        came=came,
        names=tr(" and ").join(evidence.trades),
    )
