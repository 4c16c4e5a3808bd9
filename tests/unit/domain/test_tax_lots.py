"""Cost basis by lots: which of them a sale takes, what stays, and what is not known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.coin_result import NO_RESULT, came_in, left
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.tax_lots import Lot, LotBook, LotMethod, Taken
from tests.builders import NOON, d

DAY = timedelta(days=1)


def lot(day: int, quantity: str, cost: str | None, money: str = "USDT") -> Lot:
    return Lot(NOON + day * DAY, d(quantity), d(cost) if cost is not None else None, money)


def book(method: LotMethod, *lots: Lot) -> LotBook:
    made = LotBook(method)
    for one in lots:
        made.acquire(one)
    return made


def told(taken: list[Taken]) -> list[tuple[int | None, str, str | None, str | None]]:
    """(day it was acquired, quantity, cost, gain) of each part."""
    return [
        (
            (t.lot.acquired - NOON) // DAY if t.lot.acquired is not None else None,
            str(t.lot.quantity.normalize()),
            f"{t.lot.cost.normalize():f}" if t.lot.cost is not None else None,
            f"{t.gain.normalize():f}" if t.gain is not None else None,
        )
        for t in taken
    ]


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        (LotMethod.FIFO, [(0, "1", "100", "80"), (1, "0.5", "150", "-60")]),
        (LotMethod.LIFO, [(2, "1", "200", "-20"), (1, "0.5", "150", "-60")]),
        (LotMethod.HIFO, [(1, "1", "300", "-120"), (2, "0.5", "100", "-10")]),
        (LotMethod.AVERAGE, [(None, "1.5", "300", "-30")]),
    ],
)
def test_each_method_takes_its_own_lots(method: LotMethod, parts: list[tuple[int | None, str, str, str]]) -> None:
    lots = book(method, lot(0, "1", "100"), lot(1, "1", "300"), lot(2, "1", "200"))
    taken = list(lots.take(d("1.5"), d(270), "USDT"))
    assert told(taken) == parts
    assert lots.quantity == d("1.5")


def test_what_has_no_known_cost_has_no_gain_and_is_never_taken_for_nothing() -> None:
    for method in LotMethod:
        lots = book(method, lot(0, "1", None), lot(1, "1", "300"))
        first = next(lots.take(d(1), d(250), "USDT"))
        known = method in {LotMethod.LIFO, LotMethod.HIFO}
        assert first.gain == (d(-50) if known else None), method
        assert first.lot.cost == (d(300) if known else None), method


def test_more_than_all_lots_is_sold_without_a_known_cost() -> None:
    taken = list(book(LotMethod.FIFO, lot(0, "1", "100")).take(d(3), d(330), "USDT"))
    assert told(taken) == [(0, "1", "100", "10"), (None, "2", None, None)]
    assert taken[1].proceeds == 220


def test_what_leaves_without_a_sale_has_no_proceeds() -> None:
    (taken,) = book(LotMethod.FIFO, lot(0, "2", "100")).take(d(1), None, "USDT")
    assert (taken.proceeds, taken.gain, taken.lot.cost) == (None, None, d(50))


def test_money_of_two_kinds_is_not_reckoned_against_each_other() -> None:
    (taken,) = book(LotMethod.FIFO, lot(0, "1", "100", "USDC")).take(d(1), d(130), "USDT")
    assert (taken.lot.cost, taken.lot.money, taken.gain) == (d(100), "USDC", None)


@pytest.mark.parametrize("method", (LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO))
def test_a_cost_that_is_told_later_goes_to_the_oldest_units_without_one(method: LotMethod) -> None:
    lots = book(method, lot(0, "1", None), lot(1, "1", "300"), lot(2, "2", None))
    lots.tell_cost(d(2), d(40), "USDT")
    known = [t for t in lots.take(d(4), d(400), "USDT") if t.lot.cost is not None]
    assert total(t.lot.quantity for t in known) == 3
    assert total(t.lot.cost for t in known if t.lot.cost is not None) == 380


def test_an_average_of_known_and_unknown_is_not_known_until_all_of_it_is_gone() -> None:
    lots = book(LotMethod.AVERAGE, lot(0, "1", None), lot(1, "1", "300"))
    lots.tell_cost(d(1), d(40), "USDT")
    assert [t.gain for t in lots.take(d(2), d(500), "USDT")] == [None]
    lots.acquire(lot(3, "1", "10"))
    assert [t.gain for t in lots.take(d(1), d(15), "USDT")] == [5]


def test_a_coin_with_a_new_name_keeps_its_lots() -> None:
    old, new = book(LotMethod.HIFO, lot(0, "1", "100"), lot(1, "1", "300")), book(LotMethod.HIFO, lot(2, "1", "200"))
    new.take_over(old)
    assert [t.lot.cost for t in new.take(d(3), d(3), "USDT")] == [300, 200, 100]
    assert (old.quantity, old.lots) == (ZERO, ())


amounts = st.decimals(Decimal("0.01"), Decimal(1000), places=2)
moves = st.lists(st.tuples(st.booleans(), amounts, amounts, st.booleans()), min_size=1, max_size=25)


@given(st.sampled_from(LotMethod), moves)
def test_lots_conserve_quantity_cost_and_proceeds_and_none_is_ever_empty(
    method: LotMethod, story: list[tuple[bool, Decimal, Decimal, bool]]
) -> None:
    lots, came, cost, gone, beyond = LotBook(method), ZERO, ZERO, ZERO, ZERO
    spent = ZERO
    for day, (buys, quantity, money, _) in enumerate(story):
        if buys:
            lots.acquire(Lot(NOON + day * DAY, quantity, money, "USDT"))
            came, cost = came + quantity, cost + money
            continue
        taken = list(lots.take(quantity, money, "USDT"))
        assert total(t.lot.quantity for t in taken) == quantity
        assert total(t.proceeds for t in taken if t.proceeds is not None) == money
        assert all(t.lot.quantity > ZERO for t in taken)
        assert all(t.lot.cost is None or t.lot.cost >= ZERO for t in taken)
        gone += quantity
        beyond += total(t.lot.quantity for t in taken if t.lot.cost is None)
        spent += total(t.lot.cost for t in taken if t.lot.cost is not None)
    assert all(one.quantity > ZERO for one in lots.lots)
    assert lots.quantity == came - (gone - beyond)
    assert spent + total(one.cost for one in lots.lots if one.cost is not None) == cost


@given(moves)
def test_the_gains_by_average_are_what_the_strategy_has_realised(
    story: list[tuple[bool, Decimal, Decimal, bool]],
) -> None:
    lots, result, held, gains = LotBook(LotMethod.AVERAGE), NO_RESULT, ZERO, ZERO
    for day, (buys, wanted, money, whole) in enumerate(story):
        quantity = wanted if buys else held if whole else min(wanted, held)
        if quantity == ZERO:
            continue
        if buys:
            lots.acquire(Lot(NOON + day * DAY, quantity, money, "USDT"))
            result, held = came_in(result, money), held + quantity
        else:
            gains += total(t.gain for t in lots.take(quantity, money, "USDT") if t.gain is not None)
            result, held = left(result, held, quantity, money), held - quantity
    assert result.realised == gains


@given(moves)
def test_hifo_never_gains_more_than_another_method_at_the_first_sale(
    story: list[tuple[bool, Decimal, Decimal, bool]],
) -> None:
    books = {method: LotBook(method) for method in LotMethod}
    for day, (_, quantity, money, _) in enumerate(story):
        for one in books.values():
            one.acquire(Lot(NOON + day * DAY, quantity, money, "USDT"))
    sold = books[LotMethod.FIFO].quantity / 2
    gains = {m: total(t.gain for t in b.take(sold, d(100), "USDT") if t.gain is not None) for m, b in books.items()}
    assert all(gains[LotMethod.HIFO] <= gain + d("1e-9") for gain in gains.values())
