"""A ledger that is older than what happened (a copy that was put back, a new one after damage): found out, said, and never
booked blindly (FAILURES.md row 44).

Two signs: the store saw a later state of itself (its epoch, in the value ``restored``), or the venue lists orders with our
tag that no row knows. Those orders are not booked. What they did to the account is a difference like any other: the
reconciler puts a surplus into the free pool and halts who is short. An account with real money goes back to watch only, until
its owner switches trading on again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime

from rebalancer_gui.application.account import Account, AccountSetup
from rebalancer_gui.application.rail_settings import TRADING_KEY
from rebalancer_gui.domain.errors import VenueUnavailable
from rebalancer_gui.domain.orders import VenueOrder
from rebalancer_gui.domain.strategy import State, TradingMode

RESTORED_KEY = "restored"
"""Engine value: the epoch that was known when an older or a new ledger was found in its place ("" = none)."""
SEEN_KEY = "unknown_orders_until"
"""Engine value: unknown orders up to this time were told already (ISO 8601)."""
_LEAP = 10**9
"""Ids that a seed gives are skipped after each such finding: those after the old state were used already."""
_TAG = 6
"""``rb`` and the installation's four characters stand at the front of each of our order ids."""
_KNOWN = 50
"""An order that the venue dates after our newest one is among so many newest rows, if we know it."""
_NAMED = 3
_WATCHES = " The account is on watch only until you have looked at it and switch trading on again."


def position_of_ids(values: Mapping[str, str], stored: int) -> int:
    """Where to go on with ids that a seed gives; ``stored`` is the position in the ledger."""
    epoch = values.get(RESTORED_KEY, "")
    return stored + int(epoch) * _LEAP if epoch else stored


async def look_for_newer(account: Account) -> None:
    """Before the ledger is compared with the venue: say whether it is an older one, and watch only where money is real."""
    restored = account.values.get(RESTORED_KEY, "")
    unknown = await _unknown_orders(account)
    if not restored and not unknown:
        return
    watches = not _is_play_money(account.setup)
    account.note(None, "restored", f"{_words(account, restored, unknown)}{_WATCHES if watches else ''}")
    with account.change() as store:
        store.set_value(RESTORED_KEY, "")
        if unknown:
            store.set_value(SEEN_KEY, max(order.at for order in unknown).isoformat())
        if watches:
            store.set_value(TRADING_KEY, TradingMode.WATCH.value)
        account.journal.write(account.now())
    if watches:
        account.trading = TradingMode.WATCH


async def _unknown_orders(account: Account) -> tuple[VenueOrder, ...]:
    """Our own orders at the venue, newer than our newest row, that no row knows; none where the venue gives no answer."""
    rows = account.store.orders(None, None, _KNOWN)
    if not rows:
        return ()
    tag, known = rows[0].client_order_id[:_TAG], {row.client_order_id for row in rows}
    seen = account.values.get(SEEN_KEY, "")
    since = max(rows[0].at, datetime.fromisoformat(seen)) if seen else rows[0].at
    found: list[VenueOrder] = []
    for symbol in _symbols(account):
        with contextlib.suppress(VenueUnavailable):
            found.extend(
                order
                for order in await account.venue.orders_since(symbol, since)
                if order.client_order_id.startswith(tag)
                and order.client_order_id not in known
                and not (seen and order.at <= since)
            )
    return tuple(found)


def _symbols(account: Account) -> list[str]:
    """The markets of every strategy that is not over."""
    standing = (s.record.parameters for s in account.strategies.values() if s.record.state is not State.ENDED)
    return [symbol for symbol in sorted({s for p in standing for s in p.symbols}) if symbol in account.rules]


def _words(account: Account, restored: str, unknown: tuple[VenueOrder, ...]) -> str:
    if restored and not account.strategies.ever and not account.wallet.inside_totals():
        said = "The ledger is new, though there was one before: it begins with what the exchange holds."
    elif restored:
        said = "The ledger is an older copy: a later state of it was here before."
    else:
        said = "The ledger is older than what happened at the exchange."
    if unknown:
        ids = ", ".join(order.client_order_id for order in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        if len(unknown) == 1:
            said += f" 1 order of this program at the exchange is not in it ({ids})."
        else:
            said += f" {len(unknown)} orders of this program at the exchange are not in it ({ids}{more})."
    return (
        f"{said} Nothing is booked blindly: what the exchange holds more goes to the free pool, and who lacks something is "
        "halted until its owner decides."
    )


def _is_play_money(setup: AccountSetup) -> bool:
    return setup.paper is not None or setup.demo is not None
