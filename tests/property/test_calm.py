"""A portfolio whose prices stay in its ranges is within its threshold, and has lost no more than was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.application.look import Look, Portfolio, Ranges
from rebalancer_gui.application.valuing import may_have_lost
from rebalancer_gui.domain.calm import Calm, calm_ranges, calm_reach
from rebalancer_gui.domain.market import STALE_AFTER, Quote
from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO, largest_remainder
from rebalancer_gui.domain.rail_checks import dropped
from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.domain.triggers import Rebalance, TickGrid, decide
from rebalancer_gui.domain.valuation import Marks, Snapshot, snapshot_at
from tests.builders import NOON, d, parameters, quote, quotes, snapshot

COINS = ("AAA", "BBB", "CCC", "DDD", "EEE")
part = st.decimals(0, 1, places=6)
price = st.decimals(Decimal("0.0001"), 60000, places=8)
MANY_PLACES = Decimal("0e-40")
"""Added to a price it has so many that the ends of its range are hardly rounded."""


@st.composite
def portfolios(draw: st.DrawFn) -> tuple[Snapshot, Decimal]:
    """A portfolio near its weights, with or without cash, and a threshold."""
    coins = COINS[: draw(st.integers(2, len(COINS)))]
    shares = [Decimal(draw(st.integers(1, 100))) for _ in coins]
    weights = largest_remainder(shares, HUNDRED, Decimal("0.01"))
    prices = {coin: draw(price) for coin in coins}
    off = [ONE + (draw(part) - Decimal("0.5")) / 4 for _ in coins]
    held = {c: (w * 10 / prices[c] * o).quantize(Decimal("1e-8")) for c, w, o in zip(coins, weights, off, strict=True)}
    cash = draw(st.sampled_from([ZERO, d("12.34"), d(400)]))
    marks = Marks(quotes({coin: p + MANY_PLACES for coin, p in prices.items()}), NOON)
    targets = tuple(Target(c, w) for c, w in zip(coins, weights, strict=True))
    return snapshot_at(marks, 1, "USDT", targets, held, cash), draw(st.sampled_from([d("0.1"), d(1), d(5), d(50)]))


def moved(of: Snapshot, reach: Decimal, draw: st.DataObject) -> Mapping[str, Quote]:
    """Each price anywhere within ``reach``, the ends most of all, with some spread where there is room for it."""
    found = {}
    reach *= 1 - Decimal("1e-30")  # so that the fiftieth digit of an end is no price outside
    for row in of.holdings:
        assert row.quote is not None
        where = draw.draw(st.sampled_from([ZERO, ONE]) | part)
        low, high = row.quote.mid * (ONE - reach), row.quote.mid * (ONE + reach)
        mid = low + (high - low) * where
        half = min(mid - low, high - mid) * draw.draw(part)
        found[row.quote.symbol] = quote(row.asset, mid - half, mid + half)
    return found


def again(of: Snapshot, prices: Mapping[str, Quote]) -> Snapshot:
    targets = tuple(Target(row.asset, row.target) for row in of.holdings)
    held = {row.asset: row.quantity for row in of.holdings}
    return snapshot_at(Marks(prices, NOON), 2, "USDT", targets, held, of.cash)


def holds(of: Snapshot, threshold: Decimal) -> bool:
    return not isinstance(decide(of, RatioRule(threshold), grid=TickGrid(NOON, 0), now=NOON), Rebalance)


@pytest.mark.rule("3.1")
@given(portfolios(), st.data())
def test_no_prices_inside_the_ranges_make_a_portfolio_rebalance(
    drawn: tuple[Snapshot, Decimal], data: st.DataObject
) -> None:
    before, threshold = drawn
    reach = calm_reach(before, threshold)
    prices = moved(before, reach, data)
    calm = Calm()
    calm.draw("core", calm_ranges(before, reach))
    if "core" in calm.undisturbed(prices, NOON):
        assert holds(again(before, prices), threshold)
    else:
        assert reach == ZERO, "nothing was promised; else every price is inside"
    if not holds(before, threshold):
        assert reach == ZERO


def test_the_ranges_are_as_wide_as_they_can_be_for_two_coins_that_move_apart() -> None:
    even = snapshot({"AAA": "500", "BBB": "500"}, {"AAA": "1", "BBB": "1"}, {"AAA": 50, "BBB": 50})
    reach = calm_reach(even, ONE)
    # 50 (1 + e) / 100 = 51 at e = 0.02.
    assert d("0.0199") < reach <= d("0.02")
    apart = quotes({"AAA": ONE + reach, "BBB": ONE - reach})
    assert holds(again(even, apart), ONE)
    further = quotes({"AAA": d("1.0201"), "BBB": d("0.9799")})
    assert not holds(again(even, further), ONE)


@given(price, st.decimals(0, "0.02", places=4), st.integers(1, 9999), st.integers(-120, 120))
def test_ranges_are_rounded_inwards_and_no_price_on_the_tick_is_lost_by_it(
    mid: Decimal, spread: Decimal, e: int, moved: int
) -> None:
    reach, tick = Decimal(e) / 100000, Decimal("0.0001")
    bid = max((mid * (ONE - spread)).quantize(tick), tick)
    ask = max((mid * (ONE + spread)).quantize(tick), bid)
    of_it = snapshot({"AAA": "1"}, {"AAA": "1"}, {"AAA": 100})
    at_tick = replace(of_it, holdings=(replace(of_it.holdings[0], quote=quote("AAA", bid, ask)),))
    ((symbol, (low, high)),) = calm_ranges(at_tick, reach).items()
    assert symbol == "AAA/USDT"
    exact_low, exact_high = (bid + ask) / 2 * (ONE - reach), (bid + ask) / 2 * (ONE + reach)
    assert exact_low <= low < exact_low + tick
    assert exact_high - tick < high <= exact_high
    for end in (low, high):
        other = end + tick * moved
        assert (exact_low <= other <= exact_high) == (low <= other <= high)


def test_ranges_of_prices_with_more_than_fifty_digits_between_them_are_not_rounded() -> None:
    of_it = snapshot({"AAA": "1"}, {"AAA": "1"}, {"AAA": 100})
    far = replace(of_it.holdings[0], quote=quote("AAA", "1e-30", "1e30"))
    ((low, high),) = calm_ranges(replace(of_it, holdings=(far,)), d("0.1")).values()
    assert (low, high) == (far.quote.mid * d("0.9"), far.quote.mid * d("1.1")) if far.quote is not None else False


@given(portfolios(), st.data())
def test_two_looks_inside_the_same_ranges_lost_no_more_than_the_rail_is_told(
    drawn: tuple[Snapshot, Decimal], data: st.DataObject
) -> None:
    middle, threshold = drawn
    reach = calm_reach(middle, threshold)
    prices = [moved(middle, reach, data) for _ in range(2)]
    portfolio = Portfolio(
        tuple(Target(row.asset, row.target) for row in middle.holdings),
        {row.asset: row.quantity for row in middle.holdings},
        middle.cash, parameters(), {}, 1, lasts=True,
    )  # fmt: skip
    ranges = Ranges(portfolio, reach)
    before, now = (Look(k, portfolio, Marks(p, NOON), ranges) for k, p in enumerate(prices))
    for percent in (d("0.5"), d(3), d(15)):
        if dropped(before.snapshot, prices[1], percent):
            assert may_have_lost(before, now, percent)
    apart = Look(3, portfolio, Marks(prices[0], NOON), Ranges(portfolio, reach))
    assert may_have_lost(apart, now, d(99)), "of other ranges nothing is known"
    assert may_have_lost(Look(4, portfolio, Marks(prices[0], NOON)), now, d(99))


def two() -> Calm:
    """Two portfolios that share a coin, the second with the narrower range of it."""
    calm = Calm()
    calm.draw("wide", {"AAA/USDT": (d(90), d(110)), "BBB/USDT": (d(9), d(11))})
    calm.draw("narrow", {"AAA/USDT": (d(99), d(101)), "CCC/USDT": (d(1), d(2))})
    return calm


def at(**prices: str) -> dict[str, Quote]:
    return quotes({"AAA": "100", "BBB": "10", "CCC": "1.5", **prices})


def test_only_the_portfolios_whose_own_range_was_left_are_disturbed() -> None:
    assert two().undisturbed(at(), NOON) == {"wide", "narrow"}
    assert two().undisturbed(at(AAA="102"), NOON) == {"wide"}
    assert two().undisturbed(at(AAA="111"), NOON) == set()
    assert two().undisturbed(at(CCC="0.99"), NOON) == {"wide"}
    assert two().undisturbed(at(BBB="9", CCC="2"), NOON) == {"wide", "narrow"}, "the ends are inside"


def test_ranges_that_were_left_do_not_come_back_with_the_prices() -> None:
    calm = two()
    assert calm.undisturbed(at(AAA="102"), NOON) == {"wide"}
    assert calm.undisturbed(at(), NOON) == {"wide"}
    assert calm.undisturbed(at(AAA="109"), NOON) == {"wide"}, "nobody else's ranges bound it any more"


def test_where_ranges_never_last_they_are_drawn_less_and_less_often_until_they_do() -> None:
    calm, drawn = Calm(), []
    for batch in range(200):
        if calm.may_draw("wild"):
            calm.draw("wild", {"AAA/USDT": (d(99), d(101))})
            drawn.append(batch)
        assert calm.undisturbed(at(AAA="120"), NOON) == set()
    gaps = [after - before for before, after in pairwise(drawn)]
    assert gaps[:5] == [2, 4, 8, 16, 32]
    assert set(gaps[5:]) == {32}
    while not calm.may_draw("wild"):
        calm.undisturbed(at(), NOON)
    calm.draw("wild", {"AAA/USDT": (d(99), d(101))})
    for _ in range(3):
        assert calm.undisturbed(at(), NOON) == {"wild"}
    assert calm.undisturbed(at(AAA="120"), NOON) == set()
    assert calm.may_draw("wild"), "it lasted: drawn anew at once"


@pytest.mark.parametrize(
    "bad",
    [
        {"bid": d("NaN")}, {"ask": d("NaN")}, {"last": d("NaN")}, {"last": d("Infinity")}, {"bid": d("sNaN")},
        {"bid": d("100.5"), "ask": d("99.5")}, {"bid": ZERO}, {"bid": d(-1)}, {"ask": d("Infinity")},
        {"received_at": NOON - STALE_AFTER - timedelta(microseconds=1)},
    ],
)  # fmt: skip
def test_a_quote_that_may_not_be_traded_on_disturbs_whoever_holds_the_coin(bad: dict[str, object]) -> None:
    good = at()
    assert two().undisturbed(good, NOON - STALE_AFTER) == {"wide", "narrow"}
    spoilt = {**good, "BBB/USDT": replace(good["BBB/USDT"], bid=d(10), ask=d(10))}
    assert two().undisturbed(spoilt, NOON - STALE_AFTER) == {"wide", "narrow"}
    spoilt = {**good, "AAA/USDT": replace(good["AAA/USDT"], **bad)}  # type: ignore[arg-type]
    assert two().undisturbed(spoilt, NOON - STALE_AFTER) == set()
    del good["CCC/USDT"]
    assert two().undisturbed(good, NOON - STALE_AFTER) == {"wide"}


def test_an_old_quote_is_as_good_as_a_new_one_where_age_is_no_fault() -> None:
    old = {symbol: replace(q, received_at=NOON - timedelta(days=9)) for symbol, q in at().items()}
    assert two().undisturbed(old, None) == {"wide", "narrow"}
    assert two().undisturbed(old, NOON) == set()
    one_old = {**at(), "CCC/USDT": replace(at()["CCC/USDT"], received_at=NOON - timedelta(microseconds=1))}
    assert two().undisturbed(one_old, NOON) == {"wide"}, "what came with others counts by its own age"


def test_what_is_drawn_anew_or_taken_back_leaves_nothing_of_the_old_ranges() -> None:
    calm = two()
    calm.draw("narrow", {"BBB/USDT": (d("9.5"), d("10.5"))})
    assert calm.undisturbed(at(AAA="102", CCC="7"), NOON) == {"wide", "narrow"}
    assert calm.undisturbed(at(BBB="10.6"), NOON) == {"wide"}
    calm = two()
    calm.draw("narrow", {})
    assert calm.undisturbed(at(AAA="102"), NOON) == {"wide"}
    calm.forget("wide")
    assert calm.undisturbed(at(), NOON) == set()
