"""What every store keeps for the order protocol: fences, orders that may turn up late, estimated fees, evidence."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.ports import Store
from rebalancer_gui.application.records import Evidence
from rebalancer_gui.domain.errors import InvariantBroken
from rebalancer_gui.domain.orders import IntentState
from tests.support.stored_rows import ACCOUNT, START, a_fill, an_intent, reopened, with_strategies

CID = "rbtest000000000001"
SECOND = timedelta(seconds=1)


def with_order(store: Store) -> None:
    with_strategies(store, "s-1")
    with store.transaction():
        store.insert_intent(an_intent())


def test_the_fence_and_the_program_s_version_come_back_with_an_open_order(store: Store) -> None:
    with_strategies(store, "s-1")
    fenced = replace(an_intent(), fence_at=START + 5 * SECOND, app_version="0.1.0")
    with store.transaction():
        store.insert_intent(fenced)
    assert reopened(store).load().open_intents == (fenced,)


def test_the_fence_of_an_order_is_not_changed_afterwards(store: Store) -> None:
    with_order(store)
    with pytest.raises(InvariantBroken, match="was changed after it was stored"), store.transaction():
        store.update_intent(replace(an_intent(), fence_at=START), START)


def test_absent_orders_are_found_from_a_time_on_and_no_others(store: Store) -> None:
    with_strategies(store, "s-1")
    old, new, other = (an_intent(f"rbtest00000000000{n}") for n in range(3))
    old, new = replace(old, sent_at=START - SECOND), replace(new, sent_at=START)
    with store.transaction():
        for intent in (old, new, other):
            store.insert_intent(intent)
        for intent in (old, new):
            store.update_intent(replace(intent, state=IntentState.ABSENT), START)
    assert reopened(store).absent_since(START) == (replace(new, state=IntentState.ABSENT),)
    assert [i.client_order_id for i in store.absent_since(START - SECOND)] == [
        "rbtest000000000000",
        "rbtest000000000001",
    ]


def test_an_estimated_fee_is_due_until_it_is_trued_up(store: Store) -> None:
    with_order(store)
    estimated = replace(a_fill("7"), fee_known=False)
    with store.transaction():
        store.insert_fill(ACCOUNT, "s-1", a_fill("6"))
        store.insert_fill(ACCOUNT, "s-1", estimated)
    assert [(row.strategy_id, row.fill) for row in reopened(store).fees_due()] == [("s-1", estimated)]
    true = replace(estimated, fee=Decimal("0.0000031"), fee_known=True)
    with store.transaction():
        store.save_true_up(true)
    assert reopened(store).fees_due() == ()
    assert store.fills(CID) == (a_fill("6"), true)
    assert store.orders(None, None, 1)[0].fees == (("BTC", Decimal("0.0000051")),)
    assert store.load().fees == {"s-1": {"BTC": Decimal("0.0000051")}}


def test_a_fee_may_turn_out_to_have_been_taken_in_another_asset(store: Store) -> None:
    with_order(store)
    estimated = replace(a_fill("7"), fee_known=False)
    with store.transaction():
        store.insert_fill(ACCOUNT, "s-1", estimated)
    with store.transaction():
        store.save_true_up(replace(estimated, fee=Decimal("0.01"), fee_asset="BNB", fee_known=True))
    assert store.orders(None, None, 1)[0].fees == (("BNB", Decimal("0.01")),)
    assert {a: n for a, n in reopened(store).load().fees["s-1"].items() if n} == {"BNB": Decimal("0.01")}


def test_a_fee_that_is_not_due_is_not_trued_up(store: Store) -> None:
    with_order(store)
    with store.transaction():
        store.insert_fill(ACCOUNT, "s-1", a_fill("6"))
    with pytest.raises(InvariantBroken, match="is not due"), store.transaction():
        store.save_true_up(a_fill("6"))


def test_evidence_is_kept_in_order_and_belongs_to_an_order(store: Store) -> None:
    with_order(store)
    said = [
        Evidence(CID, START + n * SECOND, "look-up by our id", text) for n, text in enumerate(("no answer", "unknown"))
    ]
    with store.transaction():
        for evidence in said:
            store.add_evidence(evidence)
    assert reopened(store).evidence(CID) == tuple(said)
    assert store.evidence("rbtest000000000002") == ()
    with pytest.raises(InvariantBroken, match="there is no order"), store.transaction():
        store.add_evidence(replace(said[0], client_order_id="rbtest000000000002"))
