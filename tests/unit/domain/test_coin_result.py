"""What trades in one coin have brought, apart from what is on paper: average cost, fees wherever they are taken."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.coin_result import NO_RESULT, CoinResult, after_fill, came_in, left
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Fill, Side
from tests.builders import NOON, d


def fill(
    side: Side, quantity: Decimal | str, price: Decimal | str, fee: Decimal | str = "0", asset: str = "USDT"
) -> Fill:
    return Fill("t", "c", "BTC/USDT", side, Decimal(quantity), Decimal(price), Decimal(fee), asset, NOON)


@pytest.mark.parametrize(
    ("trade", "after"),
    [
        # Of 4 coins that stand at 400, 1 is sold for 150: it stood at 100.
        (fill(Side.SELL, "1", "150"), CoinResult(d(300), d(50))),
        (fill(Side.SELL, "1", "150", "2"), CoinResult(d(300), d(48))),
        (fill(Side.SELL, "1", "150", "0.1", "BNB"), CoinResult(d(300), d(50))),
        # A fee of 1 coin on top of what is sold takes its share of the basis along.
        (fill(Side.SELL, "1", "150", "1", "BTC"), CoinResult(d(200), d(-50))),
        (fill(Side.SELL, "4", "90"), CoinResult(d(0), d(-40))),
        (fill(Side.BUY, "1", "150"), CoinResult(d(550), d(0))),
        (fill(Side.BUY, "1", "150", "2"), CoinResult(d(552), d(0))),
        (fill(Side.BUY, "1", "150", "0.01", "BTC"), CoinResult(d(550), d(0))),
    ],
)
def test_a_trade_parts_what_is_realised_from_what_is_held(trade: Fill, after: CoinResult) -> None:
    assert after_fill(CoinResult(d(400), ZERO), d(4), trade, "USDT") == after


def test_what_was_not_known_is_known_again_once_nothing_of_it_is_held() -> None:
    unknown = CoinResult(None, d(10))
    some = after_fill(unknown, d(4), fill(Side.SELL, "1", "150"), "USDT")
    assert some == CoinResult(None, None)
    none = after_fill(some, d(3), fill(Side.SELL, "3", "150"), "USDT")
    assert none == CoinResult(ZERO, None)
    assert after_fill(none, ZERO, fill(Side.BUY, "1", "100"), "USDT").basis == 100
    # Dust of unknown basis that was lost sight of does not make a new beginning unknown.
    assert after_fill(unknown, ZERO, fill(Side.BUY, "1", "100"), "USDT").basis == 100
    assert unknown.unrealised(d(5)) is None
    assert NO_RESULT.unrealised(None) is None


def test_coins_that_are_given_back_leave_at_their_worth() -> None:
    assert left(CoinResult(d(400), ZERO), d(4), d(1), d(130)) == CoinResult(d(300), d(30))
    assert came_in(CoinResult(d(400), d(7)), d(130)) == CoinResult(d(530), d(7))


amounts = st.decimals(Decimal("0.01"), Decimal(10_000), places=2)
trades = st.lists(st.tuples(st.sampled_from(Side), amounts, amounts, st.sampled_from(("BTC", "USDT"))), max_size=12)


@given(trades, amounts)
def test_realised_and_unrealised_are_the_profit_after_any_trades(
    moves: list[tuple[Side, Decimal, Decimal, str]], price: Decimal
) -> None:
    result, held, money = NO_RESULT, ZERO, ZERO
    for side, wanted, at, fee_asset in moves:
        quantity = wanted if side is Side.BUY else min(wanted, held / 2)
        if quantity == ZERO:
            continue
        fee = (quantity if fee_asset == "BTC" else quantity * at) / 1000
        trade = fill(side, quantity, at, fee, fee_asset)
        result = after_fill(result, held, trade, "USDT")
        gone = fee if fee_asset == "BTC" else ZERO
        held += quantity - gone if side is Side.BUY else -quantity - gone
        money += (-trade.value if side is Side.BUY else trade.value) - (fee if fee_asset == "USDT" else ZERO)
    profit = money + held * price
    on_paper = result.unrealised(held * price)
    assert on_paper is not None
    assert result.realised is not None
    assert abs(on_paper + result.realised - profit) < d("1e-30") * max(Decimal(1), abs(profit))
    assert result.basis is not None
    assert result.basis >= ZERO
