"""``rebalancer strategy order``: what was found out about an order that is its owner's to decide, and the decision."""

from __future__ import annotations

from rebalancer_gui.application.commands import AdoptOrder, DiscardOrder, LoadQuarantine
from rebalancer_gui.application.events import QuarantineShown
from rebalancer_gui.application.session import Session
from rebalancer_gui.application.views import QuarantineView, StrategyView
from rebalancer_gui.console.answers import Json, action_answer, exact, moment, order_answer
from rebalancer_gui.console.doing import Desk, find
from rebalancer_gui.console.output import lines, table
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.money import total
from rebalancer_gui.domain.orders import VenueOrder

_SHOWN = ("time", "client_order_id", "symbol", "side", "type", "quantity", "price", "filled")
_EVIDENCE = ("time", "asked", "said")
_CANDIDATES = ("venue_order_id", "time", "quantity", "filled", "value", "status", "client_order_id")


async def order(desk: Desk) -> None:
    """Show it, or carry the decision out. Raises RebalancerError."""
    options = desk.options
    async with desk.session() as session:
        view = find(session, options.id)
        _check(view, options.client_order_id)
        if options.adopt is None and not options.discard:
            _show(desk, await _loaded(session, view, options.client_order_id))
            return
        if options.discard:
            await session.ask(DiscardOrder(session.next_id(), view.id, options.client_order_id))
            done = f"The order was discarded: what was set aside for it belongs to {view.parameters.name} again."
        else:
            await session.ask(AdoptOrder(session.next_id(), view.id, options.client_order_id, options.adopt))
            done = f"Order {options.adopt} was adopted: what it traded is booked for {view.parameters.name}."
        # The others of it stay to be decided: nothing of it is carried on before.
        records = () if find(session, view.id).quarantined else await session.carry_out(view.id)
        after = find(session, view.id)
    state = f"{after.parameters.name}: {after.state.value}{f' ({after.reason})' if after.reason else ''}"
    desk.printer.answer(action_answer(after, records), f"{done}\n{state}")


def undecided_answer(view: QuarantineView) -> Json:
    """The order, what was found out (oldest first), and the exchange's orders that could be it; ``unlisted`` says why those
    could not be asked for (null: they were).
    """
    return {
        "order": order_answer(view.order),
        "reserved": {view.reserved_asset: exact(view.reserved)},
        "evidence": [{"time": moment(one.at), "asked": one.source, "said": one.said} for one in view.evidence],
        "candidates": [_candidate(found) for found in view.candidates],
        "unlisted": view.unlisted or None,
    }


def _candidate(found: VenueOrder) -> Json:
    told = total(fill.quantity for fill in found.fills) == found.filled
    return {
        "venue_order_id": found.venue_order_id,
        "time": moment(found.at),
        "quantity": exact(found.quantity),
        "filled": exact(found.filled),
        "value": exact(total(fill.value for fill in found.fills)) if told else None,
        "status": found.status.value,
        "client_order_id": found.client_order_id,
    }


def _check(view: StrategyView, client_order_id: str) -> None:
    if client_order_id in view.quarantined:
        return
    waiting = f"Waiting are: {', '.join(view.quarantined)}." if view.quarantined else "No order of it is."
    raise InvalidInput(
        "client_order_id",
        f"The order {client_order_id} of {view.parameters.name} is not waiting for a decision. {waiting}",
    )


async def _loaded(session: Session, view: StrategyView, client_order_id: str) -> QuarantineView:
    events = await session.read(LoadQuarantine(session.next_id(), view.id, client_order_id))
    return next(event.quarantine for event in events if isinstance(event, QuarantineShown))


def _show(desk: Desk, view: QuarantineView) -> None:
    answer = undecided_answer(view)
    row = order_answer(view.order)
    parts = [
        lines({name: row[name] for name in _SHOWN} | {"set_aside": f"{exact(view.reserved)} {view.reserved_asset}"}),
        table([{"time": moment(e.at), "asked": e.source, "said": e.said} for e in view.evidence], _EVIDENCE),
    ]
    if view.unlisted:
        parts.append(f"The exchange's orders could not be listed: {view.unlisted}")
    elif view.candidates:
        parts.append(table([_candidate(found) for found in view.candidates], _CANDIDATES))
    else:
        parts.append("The exchange lists no order that could be this one.")
    parts.append(
        "Nothing has to be decided: it is looked up at each start and once a minute, what it may have used stays set aside.\n"
        "--adopt ID books what that order of the exchange traded; --discard gives back what is set aside. If a discarded order "
        "did trade after all,\nthe comparison with the exchange finds the difference and says so."
    )
    desk.printer.answer(answer, "\n\n".join(parts))
