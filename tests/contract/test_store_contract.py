"""What every store does, whether it keeps things in memory or in a file."""

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import EquitySample
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.ledger import deposit
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from tests.support.stored_rows import (
    ACCOUNT,
    START,
    a_fee_return,
    a_fill,
    a_rebalance,
    a_strategy,
    a_transfer,
    an_entry,
    an_intent,
    reopened,
    with_strategies,
)

LONG = Decimal("1234567.8901234567890123456789012345678901234567")


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
            store.save_costs("s-0", {"BTC": Decimal(1)})
            store.post(deposit(START, "USDT", Decimal(5)))
        before = store.load()

        def write_and_fail() -> None:
            with store.transaction():
                store.set_value("kept", "new")
                store.save_strategy(a_strategy(), START)
                store.save_hodl("s-1", {"BTC": Decimal(1)})
                store.save_strategy(replace(a_strategy("s-0"), version=2, pending="by hand"), START)
                store.save_costs("s-0", {"BTC": Decimal(2), "ETH": Decimal(3)})
                store.save_fee_return(a_fee_return("s-0"))
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
        assert store.all_fills(None, None, 10) == ()
        assert store.fees(None, None, 10) == ()
        assert [number for number, _, _ in store.versions("s-0")] == [1]
        assert store.versions("s-1") == ()
        assert store.rebalances(None, None, 10) == ()
        assert store.transfers(None, None, 10) == ()
        assert [entry.text for entry in store.journal(None, None, 10)] == ["Within the threshold."]
        assert store.equity("s-1", None, 10) == ()
        assert store.price_samples("BTC/USDT", None, 10) == ()

    def test_the_store_goes_on_after_a_failed_transaction(self, store: Store) -> None:
        def write_and_fail() -> None:
            with store.transaction():
                store.save_strategy(a_strategy(), START)
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
            lambda: store.save_strategy(a_strategy(), START),
            lambda: store.save_hodl("s-1", {"BTC": Decimal(1)}),
            lambda: store.save_costs("s-1", {"BTC": None}),
            lambda: store.save_costs("s-1", {}),
            lambda: store.save_fee_return(a_fee_return()),
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
            lambda: store.save_strategy(replace(a_strategy(), account="live"), START),
            lambda: store.insert_intent(replace(an_intent(), account="live")),
            lambda: store.insert_fill("live", "s-1", a_fill()),
            lambda: store.save_hodl("s-9", {}),
            lambda: store.save_costs("s-9", {}),
            lambda: store.save_fee_return(a_fee_return("s-9")),
            lambda: store.save_fee_return(a_fee_return("")),
            lambda: store.save_rebalance(a_rebalance("r-1", "s-9")),
            lambda: store.insert_intent(an_intent(strategy_id="s-9")),
            lambda: store.save_transfer(a_transfer(strategy_id="s-9")),
            lambda: store.save_journal(an_entry("j-1", "s-9")),
            lambda: store.add_equity([EquitySample("s-9", START, Decimal(1), Decimal(1))]),
        ]
        for write in writes:
            with pytest.raises(InvariantBroken), store.transaction():
                write()


class TestOrders:
    def test_open_intents_come_back_and_final_ones_do_not(self, store: Store) -> None:
        with_strategies(store, "s-1")
        market = replace(an_intent("rbtest000000000099"), rebalance_id="", attempt=2)
        market = replace(
            market, request=replace(market.request, type=OrderType.MARKET, limit_price=None, side=Side.SELL)
        )
        with store.transaction():
            for number, state in enumerate(s for s in IntentState if s is not IntentState.RELEASED):
                store.insert_intent(an_intent(f"rbtest0000000000{number:02}"))
                moved = replace(an_intent(f"rbtest0000000000{number:02}"), state=state, filled=LONG, reason="so")
                store.update_intent(replace(moved, venue_order_id="v7"), START)
            store.insert_intent(market)
        found = reopened(store).load().open_intents
        assert {i.state for i in found[:-1]} == {
            IntentState.SENDING,
            IntentState.UNKNOWN,
            IntentState.QUARANTINED,
            IntentState.REOPENED,
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

    def test_the_list_of_trades_tells_whose_they_are_newest_first(self, store: Store) -> None:
        with_strategies(store, "s-1", "s-2")
        theirs = replace(a_fill("5", "rbtest000000000002"), side=Side.SELL, fee_asset="BNB", price=LONG)
        with store.transaction():
            store.insert_intent(an_intent("rbtest000000000001", "s-1"))
            store.insert_intent(an_intent("rbtest000000000002", "s-2"))
            store.insert_intent(an_intent("rbtest000000000003", "s-1"))
            # The later order was booked first: the list is in the order of the bookings.
            store.insert_fill(ACCOUNT, "s-1", a_fill("9", "rbtest000000000003"))
            store.insert_fill(ACCOUNT, "s-2", theirs)
            store.insert_fill(ACCOUNT, "s-1", a_fill("1", "rbtest000000000001"))
            assert not store.insert_fill(ACCOUNT, "s-1", a_fill("1", "rbtest000000000001"))
            store.insert_fill(ACCOUNT, "s-1", a_fill("2", "rbtest000000000003"))
        everything = reopened(store).all_fills(None, None, 10)
        assert [row.strategy_id for row in everything] == ["s-1", "s-1", "s-2", "s-1"]
        assert [row.fill.trade_id for row in everything] == ["2", "1", "5", "9"]
        assert everything[2].fill == theirs
        assert store.all_fills("s-1", None, 10) == (everything[0], everything[1], everything[3])
        assert store.all_fills("s-2", None, 10) == (everything[2],)
        assert store.all_fills("s-1", everything[0].key, 1) == (everything[1],)
        assert store.all_fills("", None, 10) == store.all_fills("unknown", None, 10) == ()

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
