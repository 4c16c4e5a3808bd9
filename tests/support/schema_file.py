"""Makes the ledger of a released schema version, to be kept for ever and opened by a test.

    python -m tests.support.schema_file tests/data/schemas/v0004.sqlite

Run once, when a version is released; a file that is there is never written again.
"""

import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.records import EquitySample, Evidence, Outcome, TransferKind
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.ledger import allocate, book_fill, deposit, reserve
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import State
from tests.support.stored_rows import (
    ACCOUNT,
    START,
    a_fee_return,
    a_fill,
    a_living_strategy,
    a_rebalance,
    a_strategy,
    a_transfer,
    an_entry,
    an_intent,
)


def write(path: Path) -> None:
    """A ledger with every kind of row, as after a kill in the middle of a rebalance."""
    if path.exists():
        raise SystemExit(f"{path} is there already: a released file is never changed")
    store = SqliteStore(path, ACCOUNT)
    store.open()
    intent = replace(an_intent(), fence_at=START + timedelta(seconds=5), app_version="0.1.0")
    fill, estimated = a_fill(), replace(a_fill("2"), quantity=Decimal("0.001"), fee_known=False)
    with store.transaction():
        store.save_strategy(a_strategy("s-1"), START)
        store.save_strategy(a_living_strategy("s-2"), START)
        renamed = replace(a_strategy("s-1").parameters, name="Renamed", sell_all_on_stop=True)
        running = replace(
            a_strategy("s-1"),
            version=2,
            parameters=renamed,
            state=State.RUNNING,
            started_at=START,
            growth_base=Decimal("1000.5"),
        )
        store.save_strategy(running, START + timedelta(minutes=1))
        store.save_hodl("s-1", {"BTC": Decimal("0.00587"), "ETH": Decimal("0.123456789012345678901234567890")})
        store.post(deposit(START, "USDT", Decimal(10_000)))
        store.save_transfer(a_transfer(TransferKind.DEPOSIT, "", "10000"))
        store.post(allocate(START, "s-1", "USDT", Decimal("1000.5")))
        store.save_transfer(a_transfer(TransferKind.INVESTED, "s-1", "1000.5"))
        store.save_rebalance(replace(a_rebalance("r-0"), outcome=Outcome.SKIPPED, repeats=5))
        store.save_rebalance(a_rebalance("r-1"))
        store.insert_intent(intent)
        store.post(reserve(intent))
        store.insert_fill(ACCOUNT, "s-1", fill)
        store.post(book_fill(fill, "s-1", "USDT", intent.reserved_amount))
        store.insert_fill(ACCOUNT, "s-1", estimated)
        left = intent.reserved_amount - fill.value
        store.post(book_fill(estimated, "s-1", "USDT", left))
        store.add_evidence(Evidence(intent.client_order_id, START, "look-up by our id", "no answer"))
        store.save_costs("s-1", {"BTC": fill.value, "ETH": None})
        store.save_results("s-1", {"BTC": CoinResult(fill.value, Decimal("1.5")), "ETH": CoinResult(None, None)})
        store.save_fee_return(a_fee_return())
        store.update_intent(replace(intent, state=IntentState.ACKED, venue_order_id="77"), START)
        store.save_journal(an_entry("j-0", ""))
        store.save_journal(replace(an_entry("j-1"), count=3, last_at=START + timedelta(minutes=2)))
        store.add_equity([EquitySample("s-1", START, Decimal("999.5"), Decimal("999.25"))])
        store.add_prices(START, {"BTC/USDT": Decimal("56789.005")})
        store.set_value("ids_position", "12")
    store.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
