"""What every store does, whether it keeps things in memory or in a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import EquitySample, Outcome, TransferKind
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.ledger import EXTERNAL, FREE, allocate, deposit, reserve, reserved_account, strategy_account
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from rebalancer_gui.domain.strategy import Rule, State
from tests.fakes import FakeStore
from tests.support.stored_rows import (
    ACCOUNT,
    RATIO,
    START,
    TIME,
    a_fill,
    a_rebalance,
    a_strategy,
    a_transfer,
    an_entry,
    an_intent,
    parameters,
    with_strategies,
)

LONG = Decimal("1234567.8901234567890123456789012345678901234567")


@pytest.fixture(params=["in memory", "in a file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = FakeStore(ACCOUNT) if request.param == "in memory" else SqliteStore(tmp_path / "l.sqlite", ACCOUNT)
    made.open()
    yield made
    made.close()


def reopened(store: Store) -> Store:
    store.close()
    store.open()
    return store


class TestTransactions:
    def test_what_was_committed_is_there_after_a_restart(self, store: Store) -> None:
        with store.transaction():
            store.set_value("snapshot_seq", "7")
        assert reopened(store).load().values == {"snapshot_seq": "7"}

    def test_an_exception_takes_everything_back_and_goes_on_to_the_caller(self, store: Store) -> None:
        with_strategies(store, "s-0")
        with store.transaction():
            store.set_value("kept", "old")
            store.save_journal(an_entry("j-0", "s-0"))
            store.post(deposit(START, "USDT", Decimal(5)))
        before = store.load()

        def write_and_fail() -> None:
            with store.transaction():
                store.set_value("kept", "new")
                store.save_strategy(a_strategy())
                store.save_hodl("s-1", {"BTC": Decimal(1)})
                store.save_rebalance(a_rebalance())
                store.insert_intent(an_intent())
                store.insert_fill(ACCOUNT, "s-1", a_fill())
                store.post(deposit(START, "USDT", Decimal(10)))
                store.save_transfer(a_transfer())
                store.save_journal(an_entry("j-0", "s-0", "changed"))
                store.save_journal(an_entry())
                store.add_equity([EquitySample("s-1", START, Decimal(1), Decimal(1))])
                store.add_prices(START, {"BTC/USDT": Decimal(5)})
                raise KeyError("in the middle")

        with pytest.raises(KeyError, match="in the middle"):
            write_and_fail()
        assert store.load() == before
        assert store.orders(None, None, 10) == ()
        assert store.fills("rbtest000000000001") == ()
        assert store.rebalances(None, None, 10) == ()
        assert store.transfers(None, None, 10) == ()
        assert [entry.text for entry in store.journal(None, None, 10)] == ["Within the threshold."]
        assert store.equity("s-1", None, 10) == ()
        assert store.price_samples("BTC/USDT", None, 10) == ()

    def test_the_store_goes_on_after_a_failed_transaction(self, store: Store) -> None:
        def write_and_fail() -> None:
            with store.transaction():
                store.save_strategy(a_strategy())
                raise KeyError

        with pytest.raises(KeyError):
            write_and_fail()
        with_strategies(store, "s-2", "s-1")
        with store.transaction():
            store.insert_intent(an_intent(strategy_id="s-1"))
        assert [row.strategy_id for row in reopened(store).orders(None, None, 10)] == ["s-1"]

    def test_a_transaction_inside_another_is_a_bug(self, store: Store) -> None:
        with pytest.raises(InvariantBroken, match="inside another"), store.transaction(), store.transaction():
            pass

    def test_every_write_outside_a_transaction_is_a_bug(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            store.insert_intent(an_intent())
        writes = [
            lambda: store.save_strategy(a_strategy()),
            lambda: store.save_hodl("s-1", {"BTC": Decimal(1)}),
            lambda: store.save_rebalance(a_rebalance()),
            lambda: store.insert_intent(an_intent("rbtest000000000002")),
            lambda: store.update_intent(replace(an_intent(), state=IntentState.DONE), START),
            lambda: store.insert_fill(ACCOUNT, "s-1", a_fill()),
            lambda: store.post(deposit(START, "USDT", Decimal(1))),
            lambda: store.save_transfer(a_transfer()),
            lambda: store.save_journal(an_entry()),
            lambda: store.add_equity([EquitySample("s-1", START, Decimal(1), Decimal(1))]),
            lambda: store.add_prices(START, {"BTC/USDT": Decimal(1)}),
            lambda: store.set_value("a", "b"),
        ]
        for write in writes:
            with pytest.raises(InvariantBroken, match="outside a transaction"):
                write()

    def test_rows_of_another_account_or_of_an_unknown_strategy_are_refused(self, store: Store) -> None:
        with_strategies(store, "s-1")
        writes = [
            lambda: store.save_strategy(replace(a_strategy(), account="live")),
            lambda: store.insert_intent(replace(an_intent(), account="live")),
            lambda: store.insert_fill("live", "s-1", a_fill()),
            lambda: store.save_hodl("s-9", {}),
            lambda: store.save_rebalance(a_rebalance("r-1", "s-9")),
            lambda: store.insert_intent(an_intent(strategy_id="s-9")),
            lambda: store.save_transfer(a_transfer(strategy_id="s-9")),
            lambda: store.save_journal(an_entry("j-1", "s-9")),
            lambda: store.add_equity([EquitySample("s-9", START, Decimal(1), Decimal(1))]),
        ]
        for write in writes:
            with pytest.raises(InvariantBroken), store.transaction():
                write()


class TestStrategies:
    @pytest.mark.parametrize("rule", (RATIO, TIME))
    def test_a_strategy_comes_back_as_it_was(self, store: Store, rule: Rule) -> None:
        record = replace(
            a_strategy(),
            parameters=replace(parameters(rule=rule), sell_all_on_stop=True),
            state=State.PAUSED,
            started_at=START + timedelta(microseconds=1),
            ended_at=START + timedelta(days=400),
            reason="stopped — «by hand»",
            former_state=State.RUNNING,
            last_tick=12,
        )
        with store.transaction():
            store.save_strategy(a_strategy())
            store.save_strategy(replace(record, version=2))
        assert reopened(store).load().strategies == (replace(record, version=2),)

    def test_parameters_never_change_without_a_new_version(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with pytest.raises(InvariantBroken, match="without a new version"), store.transaction():
            store.save_strategy(replace(a_strategy(), parameters=parameters("Another name")))

    def test_strategies_come_in_the_order_in_which_they_were_made(self, store: Store) -> None:
        with_strategies(store, "s-b", "s-a", "s-c")
        assert [r.id for r in reopened(store).load().strategies] == ["s-b", "s-a", "s-c"]

    def test_hodl_units_are_replaced_as_a_whole(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        with store.transaction():
            store.save_hodl("s-1", {"BTC": LONG, "ETH": Decimal(1)})
            store.save_hodl("s-2", {"SOL": Decimal("0.1")})
            store.save_hodl("s-1", {"BTC": LONG, "ADA": Decimal(3)})
        assert reopened(store).load().hodl == {
            "s-1": {"BTC": LONG, "ADA": Decimal(3)},
            "s-2": {"SOL": Decimal("0.1")},
        }


class TestOrders:
    def test_open_intents_come_back_and_final_ones_do_not(self, store: Store) -> None:
        with_strategies(store, "s-1")
        market = replace(an_intent("rbtest000000000009"), rebalance_id="", attempt=2)
        market = replace(
            market, request=replace(market.request, type=OrderType.MARKET, limit_price=None, side=Side.SELL)
        )
        with store.transaction():
            for number, state in enumerate(IntentState):
                store.insert_intent(an_intent(f"rbtest00000000000{number}"))
                moved = replace(an_intent(f"rbtest00000000000{number}"), state=state, filled=LONG, reason="so")
                store.update_intent(replace(moved, venue_order_id="v7"), START)
            store.insert_intent(market)
        found = reopened(store).load().open_intents
        assert {i.state for i in found[:-1]} == {
            IntentState.SENDING,
            IntentState.UNKNOWN,
            IntentState.ACKED,
            IntentState.DONE,
        }
        assert found[1] == replace(
            an_intent("rbtest000000000001"),
            state=IntentState.UNKNOWN,
            filled=LONG,
            reason="so",
            venue_order_id="v7",
        )
        assert found[-1] == market

    def test_a_client_order_id_is_stored_once(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            store.insert_intent(an_intent())
        with pytest.raises(InvariantBroken, match="rbtest000000000001"), store.transaction():
            store.insert_intent(an_intent())

    def test_an_order_that_was_never_stored_cannot_be_updated(self, store: Store) -> None:
        with pytest.raises(InvariantBroken, match="rbtest000000000001"), store.transaction():
            store.update_intent(an_intent(), START)

    def test_what_was_sent_cannot_be_changed_afterwards(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            store.insert_intent(an_intent())
        larger = replace(an_intent(), request=replace(an_intent().request, quantity=Decimal(2)))
        with pytest.raises(InvariantBroken, match="changed after it was stored"), store.transaction():
            store.update_intent(larger, START)

    def test_the_history_row_is_made_from_the_fills(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            key = store.insert_intent(an_intent())
            second = replace(a_fill("2"), price=Decimal("56789.03"), quantity=Decimal("0.001"), fee=Decimal("0.7"))
            assert store.insert_fill(ACCOUNT, "s-1", a_fill("1"))
            assert store.insert_fill(ACCOUNT, "s-1", replace(second, fee_asset="USDT"))
            assert store.insert_fill(ACCOUNT, "s-1", replace(a_fill("3"), fee=Decimal(0), fee_asset="BNB"))
            store.update_intent(
                replace(an_intent(), state=IntentState.SETTLED, venue_order_id="99", reason="thin book"), START
            )
        (row,) = reopened(store).orders(None, key + 1, 1)
        assert row.key == key
        assert (row.filled, row.cost) == (Decimal("0.005"), Decimal("283.94507"))
        assert row.average == Decimal("283.94507") / Decimal("0.005")
        assert row.fees == (("BTC", Decimal("0.000002")), ("USDT", Decimal("0.7")))
        assert (row.price, row.quantity) == (Decimal("56789.01"), Decimal("0.00417"))
        assert (row.state, row.venue_order_id, row.reason) == (IntentState.SETTLED, "99", "thin book")
        assert (row.at, row.strategy_id, row.rebalance_id) == (START, "s-1", "r-1")
        assert (row.symbol, row.side, row.type) == ("BTC/USDT", Side.BUY, OrderType.LIMIT_IOC)

    def test_an_order_without_fills_has_no_average(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            store.insert_intent(an_intent())
        (row,) = store.orders("s-1", None, 10)
        assert row.average is None
        assert (row.filled, row.cost, row.fees) == (Decimal(0), Decimal(0), ())


class TestFills:
    def test_fills_come_back_in_the_order_in_which_they_were_booked(self, store: Store) -> None:
        with_strategies(store, "s-1")
        fills = (a_fill("7"), replace(a_fill("3"), side=Side.BUY, quantity=LONG))
        with store.transaction():
            store.insert_intent(an_intent())
            for fill in fills:
                store.insert_fill(ACCOUNT, "s-1", fill)
        assert reopened(store).fills("rbtest000000000001") == fills
        assert store.fills("unknown") == ()

    def test_the_same_trade_is_booked_once(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            store.insert_intent(an_intent())
            assert store.insert_fill(ACCOUNT, "s-1", a_fill())
        with store.transaction():
            assert not store.insert_fill(ACCOUNT, "s-1", a_fill())
        assert store.fills("rbtest000000000001") == (a_fill(),)
        assert store.load().fees == {"s-1": {"BTC": Decimal("0.000002")}}

    def test_a_trade_id_is_unique_only_within_its_symbol(self, store: Store) -> None:
        with_strategies(store, "s-1")
        other = an_intent("rbtest000000000002")
        other = replace(other, request=replace(other.request, symbol="ETH/USDT"))
        with store.transaction():
            store.insert_intent(an_intent())
            store.insert_intent(other)
            assert store.insert_fill(ACCOUNT, "s-1", a_fill("1"))
            assert store.insert_fill(ACCOUNT, "s-1", replace(a_fill("1", "rbtest000000000002"), symbol="ETH/USDT"))

    def test_a_trade_of_an_unknown_order_or_of_another_strategy_is_a_bug(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        with pytest.raises(InvariantBroken), store.transaction():
            store.insert_fill(ACCOUNT, "s-1", a_fill())
        with store.transaction():
            store.insert_intent(an_intent())
        with pytest.raises(InvariantBroken), store.transaction():
            store.insert_fill(ACCOUNT, "s-2", a_fill())

    def test_fees_are_kept_by_asset_and_by_their_worth_at_the_trade(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        with store.transaction():
            store.insert_intent(an_intent())
            store.insert_intent(an_intent("rbtest000000000002", "s-2"))
            store.insert_fill(ACCOUNT, "s-1", a_fill("1"))
            store.insert_fill(ACCOUNT, "s-1", replace(a_fill("2"), price=Decimal(60000)))
            store.insert_fill(ACCOUNT, "s-1", replace(a_fill("3"), fee=Decimal("0.25"), fee_asset="USDT"))
            store.insert_fill(ACCOUNT, "s-1", replace(a_fill("4"), fee=Decimal("0.001"), fee_asset="BNB"))
            store.insert_fill(ACCOUNT, "s-2", replace(a_fill("5", "rbtest000000000002"), fee=Decimal(0)))
        state = reopened(store).load()
        assert state.fees == {
            "s-1": {"BTC": Decimal("0.000004"), "USDT": Decimal("0.25"), "BNB": Decimal("0.001")},
        }
        in_coins = Decimal("0.000002") * Decimal("56789.01") + Decimal("0.000002") * 60000
        assert state.fees_value == {"s-1": in_coins + Decimal("0.25")}


class TestLedger:
    def test_balances_follow_the_postings_to_the_last_digit(self, store: Store) -> None:
        with_strategies(store, "s-1")
        intent = an_intent()
        with store.transaction():
            store.post(deposit(START, "USDT", LONG))
            store.post(allocate(START, "s-1", "USDT", Decimal("1000.5")))
            store.insert_intent(intent)
            store.post(reserve(intent))
        assert reopened(store).load().balances == {
            (EXTERNAL, "USDT"): -LONG,
            (FREE, "USDT"): LONG - Decimal("1000.5"),
            (strategy_account("s-1"), "USDT"): Decimal("1000.5") - intent.reserved_amount,
            (reserved_account(intent.client_order_id), "USDT"): intent.reserved_amount,
        }

    def test_an_account_that_is_empty_again_is_not_listed(self, store: Store) -> None:
        with store.transaction():
            store.post(deposit(START, "USDT", Decimal("0.30")))
            store.post(deposit(START, "USDT", Decimal("-0.1")))
            store.post(deposit(START, "USDT", Decimal("-0.20")))
        assert reopened(store).load().balances == {}

    def test_flows_are_the_sums_of_the_transfers_values(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        with store.transaction():
            store.save_transfer(a_transfer(TransferKind.DEPOSIT, "", "10000"))
            store.save_transfer(a_transfer(TransferKind.INVESTED, "s-1", "1000.5"))
            store.save_transfer(a_transfer(TransferKind.ADDED, "s-1", "0.25"))
            store.save_transfer(a_transfer(TransferKind.REMOVED, "s-1", "99"))
            coins = replace(a_transfer(TransferKind.RELEASED, "s-1", "7"), asset="BTC", amount=Decimal("0.001"))
            store.save_transfer(coins)
            store.save_transfer(a_transfer(TransferKind.INVESTED, "s-2", "5"))
        assert reopened(store).load().flows == {
            "s-1": (Decimal("1000.75"), Decimal(106)),
            "s-2": (Decimal(5), Decimal(0)),
        }
        assert store.transfers("s-1", None, 1) == (replace(coins, key=5),)


class TestRebalances:
    def test_a_rebalance_comes_back_as_it_was(self, store: Store) -> None:
        with_strategies(store, "s-1")
        ended = replace(
            a_rebalance(),
            outcome=Outcome.PARTLY,
            finished_at=START + timedelta(seconds=1),
            repeats=3,
            last_at=START + timedelta(minutes=1),
        )
        with store.transaction():
            key = store.save_rebalance(a_rebalance())
            store.save_rebalance(replace(a_rebalance("r-2"), legs=(), skipped=(), reached=()))
        with store.transaction():
            assert store.save_rebalance(ended) == key
        rows = reopened(store).rebalances("s-1", None, 10)
        assert rows == (
            replace(a_rebalance("r-2"), legs=(), skipped=(), reached=(), key=key + 1),
            replace(ended, key=key),
        )

    def test_running_ones_are_loaded_for_recovery_oldest_first(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        with store.transaction():
            store.save_rebalance(a_rebalance("r-1"))
            store.save_rebalance(replace(a_rebalance("r-2"), outcome=Outcome.DONE))
            store.save_rebalance(a_rebalance("r-3", "s-2"))
        assert [r.id for r in reopened(store).load().open_rebalances] == ["r-1", "r-3"]

    def test_done_and_partly_are_counted_and_every_skipped_attempt(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        outcomes = [Outcome.DONE, Outcome.PARTLY, Outcome.RUNNING, Outcome.SKIPPED, Outcome.SKIPPED]
        with store.transaction():
            for number, outcome in enumerate(outcomes):
                store.save_rebalance(replace(a_rebalance(f"r-{number}"), outcome=outcome, repeats=number + 1))
            store.save_rebalance(replace(a_rebalance("r-9", "s-2"), outcome=Outcome.RUNNING))
        assert reopened(store).load().counters == {"s-1": (2, 9)}


class TestJournal:
    def test_equal_decisions_go_on_counting_in_their_row_after_a_restart(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        later = replace(an_entry("j-2"), count=41, last_at=START + timedelta(hours=2))
        with store.transaction():
            store.save_journal(an_entry("j-0", ""))
            store.save_journal(an_entry("j-1"))
            key = store.save_journal(an_entry("j-2"))
            store.save_journal(an_entry("j-3", "s-2"))
        with store.transaction():
            assert store.save_journal(later) == key
        assert reopened(store).load().journal_tail == {
            "": replace(an_entry("j-0", ""), key=1),
            "s-1": replace(later, key=key),
            "s-2": replace(an_entry("j-3", "s-2"), key=4),
        }
        assert [entry.id for entry in store.journal("s-1", None, 10)] == ["j-2", "j-1"]
        assert [entry.id for entry in store.journal("", None, 10)] == ["j-0"]


class TestPages:
    def test_pages_run_from_the_newest_to_the_oldest_without_gap_or_overlap(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        with store.transaction():
            for number in range(25):
                owner = "s-1" if number % 3 else "s-2"
                store.insert_intent(an_intent(f"rbtest{number:012}", owner))
                store.save_rebalance(a_rebalance(f"r-{number}", owner))
                store.save_transfer(a_transfer(strategy_id=owner))
                store.save_journal(an_entry(f"j-{number}", owner))
        for read in (store.orders, store.rebalances, store.transfers, store.journal):
            cases: list[tuple[str | None, int]] = [(None, 25), ("s-1", 16), ("s-2", 9), ("unknown", 0)]
            for whose, expected in cases:
                keys: list[int] = []
                while page := read(whose, keys[-1] if keys else None, 4):
                    assert len(page) <= 4
                    assert whose is None or {row.strategy_id for row in page} == {whose}
                    keys += [row.key for row in page]
                assert len(keys) == expected
                assert all(newer > older for newer, older in pairwise(keys))


class TestSamples:
    def test_samples_keep_twelve_significant_digits(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            store.add_equity([EquitySample("s-1", START, LONG, Decimal("0.0000123456789012345"))])
            store.add_prices(START, {"SHIB/USDT": Decimal("0.00001234500"), "BTC/USDT": Decimal(0)})
        assert reopened(store).equity("s-1", None, 10) == (
            EquitySample("s-1", START, Decimal("1234567.89012"), Decimal("0.0000123456789012")),
        )
        assert store.price_samples("SHIB/USDT", None, 10) == ((START, Decimal("0.000012345")),)
        assert store.price_samples("BTC/USDT", None, 10) == ((START, Decimal(0)),)

    def test_a_second_sample_of_the_same_moment_replaces_the_first(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            for value in (Decimal(1), Decimal(2)):
                store.add_equity([EquitySample("s-1", START, value, value)])
                store.add_prices(START, {"BTC/USDT": value})
        assert [sample.value for sample in store.equity("s-1", None, 10)] == [2]
        assert store.price_samples("BTC/USDT", None, 10) == ((START, Decimal(2)),)

    @pytest.mark.parametrize("limit", (2, 3, 10, 99, 100, 101, 1000))
    def test_a_long_line_is_thinned_evenly_and_keeps_both_ends(self, store: Store, limit: int) -> None:
        with_strategies(store, "s-1", "s-2")
        moments = [START + timedelta(minutes=n) for n in range(100)]
        with store.transaction():
            for n, at in enumerate(moments):
                store.add_equity([EquitySample(s, at, Decimal(n), Decimal(n)) for s in ("s-1", "s-2")])
                store.add_prices(at, {"BTC/USDT": Decimal(n + 1), "ETH/USDT": Decimal(1)})
        equity = store.equity("s-1", None, limit)
        prices = store.price_samples("BTC/USDT", None, limit)
        for times in ([s.at for s in equity], [at for at, _ in prices]):
            assert (times[0], times[-1]) == (moments[0], moments[-1])
            assert times == sorted(set(times))
            assert min(limit, 100) * 0.9 <= len(times) <= limit + 1
            gaps = [(after - before) / timedelta(minutes=1) for before, after in pairwise(times)]
            assert max(gaps) <= 99 / (limit - 1) + 1
        assert {s.strategy_id for s in equity} == {"s-1"}

    def test_a_line_can_begin_later(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            for n in range(10):
                at = START + timedelta(minutes=n)
                store.add_equity([EquitySample("s-1", at, Decimal(n), Decimal(n))])
                store.add_prices(at, {"BTC/USDT": Decimal(n + 1)})
        since = START + timedelta(minutes=6, microseconds=-1)
        assert [s.value for s in store.equity("s-1", since, 100)] == [6, 7, 8, 9]
        assert [price for _, price in store.price_samples("BTC/USDT", since, 100)] == [7, 8, 9, 10]
        assert store.equity("s-1", START + timedelta(days=1), 100) == ()
        assert store.equity("unknown", None, 100) == ()

    def test_a_gap_does_not_thin_what_is_dense_elsewhere_to_nothing(self, store: Store) -> None:
        with_strategies(store, "s-1")
        with store.transaction():
            for n in (*range(50), *range(1000, 1050)):
                store.add_equity([EquitySample("s-1", START + timedelta(minutes=n), Decimal(n), Decimal(n))])
        kept = [int(s.value) for s in store.equity("s-1", None, 60)]
        assert kept[0] == 0
        assert kept[-1] == 1049
        assert sum(n < 50 for n in kept) >= 3
        assert sum(n >= 1000 for n in kept) >= 3


def test_engine_values_are_replaced_by_key(store: Store) -> None:
    with store.transaction():
        store.set_value("ids_position", "1")
        store.set_value("ids_position", "2")
        store.set_value("stop_all", "")
    assert reopened(store).load().values == {"ids_position": "2", "stop_all": ""}
