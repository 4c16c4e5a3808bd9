"""What the scripted engine does with orders that are their owner's to decide. Test data only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application import commands as c
from rebalancer_gui.application import events as e
from rebalancer_gui.application.records import Evidence, OrderRow
from rebalancer_gui.application.views import QuarantineView
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, IntentState, OrderType, Side, VenueOrder, VenueOrderStatus
from rebalancer_gui.domain.strategy import HaltKind
from tests.ui.paper_side import halt
from tests.ui.sample_account import SampleAccount, SampleStrategy
from tests.ui.sample_market import NOW

QuarantineCommand = c.LoadQuarantine | c.AdoptOrder | c.DiscardOrder
CID = "rb7k2m9x4q0001t5"
SENT = NOW - timedelta(minutes=16)


def carry_out_quarantine(account: SampleAccount, command: QuarantineCommand) -> e.Event:
    """The answer, after ``account`` was changed as the engine would."""
    strategy = account.find(command.strategy_id)
    view = strategy.quarantined.get(command.client_order_id) if strategy is not None else None
    if strategy is None or view is None:
        words = f"The order {command.client_order_id} is not waiting for a decision."
        return e.CommandRejected(command.command_id, words)
    if isinstance(command, c.LoadQuarantine):
        return e.QuarantineShown(command.command_id, view)
    settle(strategy, command.client_order_id)
    return e.CommandDone(command.command_id)


def settle(strategy: SampleStrategy, client_order_id: str) -> None:
    """It is known what became of the order; the strategy goes on when it was the last one."""
    del strategy.quarantined[client_order_id]
    if not strategy.quarantined and strategy.halt is HaltKind.QUARANTINED:
        strategy.state, strategy.halt, strategy.reason, strategy.resumable = strategy.former, None, "", ""


def quarantine(strategy: SampleStrategy, *views: QuarantineView) -> None:
    """Halt it for these orders, a sell of BTC unless told."""
    shown = views or (undecided(),)
    strategy.quarantined = {view.order.client_order_id: view for view in shown}
    halt(
        strategy,
        HaltKind.QUARANTINED,
        f"For 15 minutes nothing could be proven about an order (sell 0.0415 BTC/USDT, {CID}). What it may have used stays "
        "set aside, it is looked up once a minute. Look at what was found out, and decide.",
        resumable="Nothing is proven about an order of it: adopt or discard it first.",
    )


def undecided(
    *candidates: VenueOrder,
    unlisted: str = "",
    side: Side = Side.SELL,
    price: str | None = "96320",
    client_order_id: str = CID,
) -> QuarantineView:
    """What is known of an order of 0.0415 BTC."""
    buy = side is Side.BUY
    row = OrderRow(
        41, SENT, "s-core4", "r-41", client_order_id, "", "BTC/USDT", side,
        OrderType.MARKET if price is None else OrderType.LIMIT_IOC, Decimal("0.0415"),
        None if price is None else Decimal(price), ZERO, None, ZERO, (), IntentState.QUARANTINED, "",
    )  # fmt: skip
    said = (
        ("look-up by our id", "no answer: the exchange did not answer within 10 seconds"),
        ("list of orders", "no answer: the exchange did not answer within 10 seconds"),
        ("list of orders", "an order without our id that could be it: 28457201934"),
        ("list of trades", "trades of no order that we know: 99812345, 99812346"),
        ("look-up of a known order", "it does not find an order that exists"),
        ("look-up by our id", "it does not know the order"),
    )
    evidence = tuple(
        Evidence(client_order_id, SENT + timedelta(seconds=11 + 150 * number), source, words)
        for number, (source, words) in enumerate(said)
    )
    asset, amount = ("USDT", Decimal("4001.2775")) if buy else ("BTC", Decimal("0.0415"))
    return QuarantineView(row, evidence, candidates, unlisted, asset, amount)


def candidate(
    venue_order_id: str = "28457201934",
    filled: str = "0.0401",
    *,
    side: Side = Side.SELL,
    client_order_id: str = "",
    status: VenueOrderStatus = VenueOrderStatus.EXPIRED,
    listed: bool = True,
    price: str = "96400",
    fee: str = "3.86564",
) -> VenueOrder:
    """An order of the venue; ``listed``: its trades come with it."""
    at, quantity = SENT + timedelta(seconds=1), Decimal(filled)
    fill = Fill(
        "99812345", client_order_id, "BTC/USDT", side, quantity, Decimal(price), Decimal(fee),
        "USDT" if side is Side.SELL else "BTC", at,
    )  # fmt: skip
    fills = (fill,) if listed and quantity > ZERO else ()
    order = VenueOrder(
        client_order_id, venue_order_id, "BTC/USDT", side, OrderType.LIMIT_IOC, Decimal("0.0415"), quantity, status, at,
    )  # fmt: skip
    return replace(order, fills=fills)
