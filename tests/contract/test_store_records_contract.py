"""Records by strategy, coin, kind and time: every store gives the same rows, in either direction, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.storage import record_pages
from rebalancer_gui.application.ports import HistoryKind, Store
from rebalancer_gui.application.records import Outcome, Record, RecordFilter, TransferKind
from rebalancer_gui.domain.ledger import deposit, rename
from rebalancer_gui.domain.orders import IntentState, Side
from tests.support.pages import is_chosen
from tests.support.stored_rows import (
    ACCOUNT,
    START,
    a_fee_return,
    a_fill,
    a_rebalance,
    a_transfer,
    an_entry,
    an_intent,
    with_strategies,
)

HOURS = 24
COINS = ("BTC", "ETH", "BNB")


@pytest.fixture
def full(store: Store) -> Store:
    """A day: each hour one row of every kind, by turns of two strategies and three coins."""
    with_strategies(store, "s-1", "s-2")
    for hour in range(HOURS):
        at, whose, coin = START + timedelta(hours=hour), f"s-{hour % 2 + 1}", COINS[hour % 3]
        cid, symbol = f"rbtest{hour:012d}", f"{coin}/USDT"
        intent = an_intent(cid, whose)
        intent = replace(intent, sent_at=at, request=replace(intent.request, symbol=symbol))
        rebalance = a_rebalance(f"r-{hour}", whose)
        legs = tuple(replace(leg, asset=coin, symbol=symbol) for leg in rebalance.legs[:1])
        with store.transaction():
            store.insert_intent(intent)
            side = Side.SELL if hour % 5 == 0 else Side.BUY
            store.insert_fill(ACCOUNT, whose, replace(a_fill(str(hour), cid), at=at, symbol=symbol, side=side))
            store.save_fee_return(replace(a_fee_return(whose, str(hour)), at=at, symbol=symbol))
            if hour % 4 == 0:
                store.update_intent(replace(intent, state=IntentState.SETTLED), at)
            outcome = Outcome.SKIPPED if hour % 4 == 0 else Outcome.DONE
            store.save_rebalance(replace(rebalance, at=at, legs=legs, skipped=(), outcome=outcome))
            kind = TransferKind.DEPOSIT if hour % 7 == 0 else TransferKind.ADDED
            owner = "" if kind is TransferKind.DEPOSIT else whose
            store.save_transfer(replace(a_transfer(kind, owner), at=at, asset=coin))
            words = replace(an_entry(f"j-{hour}", owner), at=at, last_at=at, kind="state" if hour % 3 else "funds")
            store.save_journal(replace(words, text=f"{coin} was looked at."))
    return store


@pytest.fixture(autouse=True)
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_pages, "LOOKED_AT", 5)


def read_all(store: Store, kind: HistoryKind, chosen: RecordFilter, *, upwards: bool, limit: int = 4) -> list[Record]:
    rows: list[Record] = []
    place = 0 if upwards else None
    for _ in range(100):
        page = (
            store.records(kind, chosen, after=place, limit=limit)
            if upwards
            else store.records(kind, chosen, before=place, limit=limit)
        )
        rows += page.rows
        if page.reached is None:
            return rows
        place = page.reached
    raise AssertionError("the pages never end")


FILTERS: Sequence[RecordFilter] = (
    RecordFilter(),
    RecordFilter("s-1"),
    RecordFilter("", word="deposit"),
    RecordFilter(""),
    RecordFilter("nobody"),
    RecordFilter(asset="ETH"),
    RecordFilter(asset="DOGE"),
    RecordFilter("s-2", "ETH"),
    RecordFilter(since=START + timedelta(hours=5), until=START + timedelta(hours=17)),
    RecordFilter("s-2", since=START + timedelta(hours=5)),
    RecordFilter("s-1", "BNB", since=START + timedelta(hours=2), until=START + timedelta(hours=20)),
    RecordFilter(until=START),
    RecordFilter(since=START + timedelta(days=3)),
    *(RecordFilter(word=word) for word in ("settled", "sell", "skipped", "added", "funds", "state", "none of these")),
    RecordFilter("s-1", word="state"),
    RecordFilter(None, "BTC", "settled"),
)


@pytest.mark.parametrize("kind", HistoryKind)
@pytest.mark.parametrize("upwards", (False, True))
def test_each_filter_gives_exactly_its_rows_in_either_direction(full: Store, kind: HistoryKind, upwards: bool) -> None:
    everything = read_all(full, kind, RecordFilter(), upwards=upwards)
    assert len(everything) == HOURS
    keys = [row.key for row in everything]
    assert keys == sorted(keys, reverse=not upwards)
    for chosen in FILTERS:
        expected = [row for row in everything if is_chosen(row, chosen)]
        assert read_all(full, kind, chosen, upwards=upwards) == expected, chosen
        counted = full.count_records(kind, chosen)
        assert counted in {None, len(expected)}, chosen
    assert full.count_records(kind, RecordFilter()) == HOURS
    assert full.count_records(kind, RecordFilter("nobody")) == 0


@pytest.mark.parametrize("kind", HistoryKind)
def test_a_jump_leaves_out_so_many_rows(full: Store, kind: HistoryKind) -> None:
    everything = read_all(full, kind, RecordFilter(), upwards=False)
    assert full.records(kind, RecordFilter(), skip=7, limit=3).rows == tuple(everything[7:10])
    assert full.records(kind, RecordFilter(), skip=HOURS, limit=3).rows == ()


def test_an_order_with_several_trades_is_one_row(store: Store) -> None:
    with_strategies(store, "s-1")
    with store.transaction():
        store.insert_intent(an_intent("rbtest000000000001", "s-1"))
        for number in ("1", "2", "3"):
            store.insert_fill(ACCOUNT, "s-1", replace(a_fill(number), quantity=Decimal("0.0001")))
    (row,) = store.records(HistoryKind.ORDERS, RecordFilter(), limit=10).rows
    (same,) = store.orders(None, None, 10)
    assert row == same


def test_renames_are_told_once_each_with_their_time(store: Store) -> None:
    with store.transaction():
        for number in range(7):
            store.post(deposit(START, "USDT", Decimal(number + 1)))
        for entry in rename(
            START + timedelta(days=1), "MATIC", "POL", {"free": Decimal(1), "strategy:s-1": Decimal(2)}
        ):
            store.post(entry)
    found: list[tuple[datetime, str, str]] = []
    after = 0
    while True:
        some, reached = store.renames(after)
        found += some
        if reached is None:
            break
        after = reached
    assert set(found) == {(START + timedelta(days=1), "MATIC", "POL")}
