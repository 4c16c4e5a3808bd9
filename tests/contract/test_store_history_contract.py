"""What every store keeps of the past, whether it keeps things in memory or in a file."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import EquitySample, Outcome, TransferKind
from rebalancer_gui.domain.ledger import EXTERNAL, FREE, allocate, deposit, reserve, reserved_account, strategy_account
from tests.support.stored_rows import (
    ACCOUNT,
    START,
    a_fee_return,
    a_fill,
    a_rebalance,
    a_transfer,
    an_entry,
    an_intent,
    reopened,
    with_strategies,
)

LONG = Decimal("1234567.8901234567890123456789012345678901234567")


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
            store.save_transfer(a_transfer(TransferKind.LOST, "s-2", "2"))
        assert reopened(store).load().flows == {
            "s-1": (Decimal("1000.75"), Decimal(106)),
            "s-2": (Decimal(5), Decimal(2)),
        }
        assert store.transfers("s-1", None, 1) == (replace(coins, key=5),)


class TestFeeReturns:
    def test_a_row_comes_back_as_it_was(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        none = replace(
            a_fee_return("s-1", "2"),
            refunded=Decimal(0),
            bnb_paid=Decimal(0),
            saved=Decimal(0),
            paid_value=Decimal(0),
            refunded_value=Decimal(0),
            symbol="ETH/USDT",
            note="no refund: the free pool has 0.00012 BNB, 0.00032781 BNB are needed",
        )
        other = replace(a_fee_return("s-2", "2"), fee=LONG, saved=Decimal("-0.01"))
        with store.transaction():
            keys = [store.save_fee_return(replace(row, key=77)) for row in (a_fee_return("s-1", "1"), none, other)]
        assert reopened(store).fees(None, None, 10) == (
            replace(other, key=keys[2]),
            replace(none, key=keys[1]),
            replace(a_fee_return("s-1", "1"), key=keys[0]),
        )
        assert [row.key for row in store.fees("s-1", None, 10)] == [keys[1], keys[0]]
        assert store.fees("s-1", keys[1], 10) == (replace(a_fee_return("s-1", "1"), key=keys[0]),)
        assert store.fees("", None, 10) == store.fees("unknown", None, 10) == ()

    def test_what_the_free_pool_paid_and_got_back_is_summed_by_strategy(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2", "s-3")
        with store.transaction():
            for number, (paid, refunded) in enumerate((("0.75", "1"), ("0", "0"), ("1.5000000001", "2"))):
                row = a_fee_return("s-1", str(number))
                store.save_fee_return(replace(row, paid_value=Decimal(paid), refunded_value=Decimal(refunded)))
            store.save_fee_return(a_fee_return("s-2", "9"))
        assert reopened(store).load().pool_fees == {
            "s-1": (Decimal("2.2500000001"), Decimal(3)),
            "s-2": (a_fee_return().paid_value, a_fee_return().refunded_value),
        }


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

    @pytest.mark.rule("10.9")
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
                store.insert_fill(ACCOUNT, owner, a_fill(str(number), f"rbtest{number:012}"))
                store.save_fee_return(a_fee_return(owner, str(number)))
                store.save_rebalance(a_rebalance(f"r-{number}", owner))
                store.save_transfer(a_transfer(strategy_id=owner))
                store.save_journal(an_entry(f"j-{number}", owner))
        pages = (store.orders, store.all_fills, store.fees, store.rebalances, store.transfers, store.journal)
        for read in pages:
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
