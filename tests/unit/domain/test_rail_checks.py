"""What each safety rail decides: tables at the edge of every limit, and properties over many markets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain import rail_checks as checks
from rebalancer_gui.domain.market import Quote
from rebalancer_gui.domain.market_order import reason_against, sane_part
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.rail_checks import Purpose, Sent, purpose_of
from rebalancer_gui.domain.rails import AccountKind, Rail, RailSet
from rebalancer_gui.domain.triggers import RebalanceReason
from tests.builders import NOON, d, quote, quotes, rules, snapshot
from tests.support.books import book

LIVE, DEMO = RailSet(AccountKind.LIVE), RailSet()
RULE, ASKED, CONFIRMED, EXIT = Purpose.RULE, Purpose.ASKED, Purpose.CONFIRMED, Purpose.EXIT


def ago(**span: float) -> object:
    return NOON - timedelta(**span)


# ---------------------------------------------------------------------------------------------------------- who asks


def test_what_its_owner_confirmed_on_a_preview_is_told_from_what_a_rule_wants() -> None:
    of = {reason: purpose_of(reason.value) for reason in RebalanceReason}
    confirmed = {r for r, p in of.items() if p is CONFIRMED}
    assert {r.name for r in confirmed} == {"BUILD", "ADD_FUNDS", "CHANGE", "REMOVE_FUNDS"}
    assert of[RebalanceReason.NOW] is ASKED
    assert {r.name for r, p in of.items() if p is RULE} == {"RATIO", "TIME", "CATCH_UP", "BAND"}
    assert purpose_of("sell all on stop") is EXIT
    assert purpose_of("what an older version wrote") is RULE


# --------------------------------------------------------------------------------------------------------------- size


@pytest.mark.parametrize(
    ("purpose", "value", "volume", "word"),
    [
        (RULE, "500", None, ""),
        (RULE, "500.01", None, "50 % of the strategy's value"),
        (ASKED, "500.01", None, "50 % of the strategy's value"),
        (CONFIRMED, "1000", None, ""),
        (EXIT, "1000", "100", ""),
        (RULE, "400", "20000", ""),
        (RULE, "400", "19999", "24 h volume"),
        (CONFIRMED, "400", "19999", "24 h volume"),
    ],
)
def test_an_order_is_measured_against_the_strategy_and_its_market(
    purpose: Purpose, value: str, volume: str | None, word: str
) -> None:
    against = checks.against_size(LIVE, purpose, d(value), d(1000), d(volume) if volume else None)
    assert (word in against) if word else against == ""


def test_the_cap_in_money_binds_confirmed_orders_too_and_spares_exits() -> None:
    capped = LIVE.with_settings({Rail.ORDER_CAP: d(100)}, frozenset())
    assert "largest order allowed (100)" in checks.against_size(capped, CONFIRMED, d("100.01"), d(1000), None)
    assert checks.against_size(capped, CONFIRMED, d(100), d(1000), None) == ""
    assert checks.against_size(capped, EXIT, d(900), d(1000), None) == ""


def test_on_the_demo_market_no_rail_on_size_number_or_prices_is_asked() -> None:
    bad = replace(quote("BTC", "100", "150"), last=d(1), last_at=NOON)
    many = [Sent(NOON, "s", RULE, d(10**9))] * 500
    assert checks.against_size(DEMO, RULE, d(10**9), d(1), d(1)) == ""
    assert checks.against_turnover(DEMO, RULE, many, "s", d(10**9), {"s": d(1)}, NOON) == ""
    assert checks.against_rate(DEMO, RULE, many, "s", 20, NOON) == ""
    assert checks.against_interval(DEMO, RULE, NOON, NOON) == ""
    assert checks.against_quote(DEMO, bad, NOON) == ""
    assert checks.against_money(DEMO, "USDT", {"USDC/USDT": quote("USDC", "2")}) == ""
    assert not checks.is_frozen(DEMO, NOON, NOON + timedelta(days=1))
    assert checks.pause_before_order(DEMO, [0.0] * 9, 0.0) == 0
    assert not checks.needs_another_check(DEMO, 1)


# ----------------------------------------------------------------------------------------------------------- turnover


def sent(*rows: tuple[str, str, Purpose, float]) -> list[Sent]:
    """(strategy, value, purpose, hours ago)."""
    return [Sent(NOON - timedelta(hours=hours), who, why, d(value)) for who, value, why, hours in rows]


def test_a_strategy_may_turn_over_once_its_value_a_day_and_the_sentence_says_when_it_goes_on() -> None:
    done = sent(("a", "600", RULE, 20), ("a", "300", RULE, 2))
    values = {"a": d(1000), "b": d(9000)}
    assert checks.against_turnover(LIVE, RULE, done, "a", d(100), values, NOON) == ""
    against = checks.against_turnover(LIVE, RULE, done, "a", d("100.01"), values, NOON)
    assert "1 x its value (1000)" in against
    assert "goes on in 4 h" in against


def test_what_was_confirmed_exits_and_yesterday_do_not_count_as_turnover() -> None:
    done = sent(("a", "5000", CONFIRMED, 1), ("a", "5000", EXIT, 1), ("a", "5000", RULE, 24))
    assert checks.against_turnover(LIVE, RULE, done, "a", d(1000), {"a": d(1000)}, NOON) == ""
    assert checks.against_turnover(LIVE, CONFIRMED, done, "a", d(10**6), {"a": d(1000)}, NOON) == ""
    assert checks.against_turnover(LIVE, EXIT, done, "a", d(10**6), {"a": d(1000)}, NOON) == ""


def test_the_account_may_turn_over_twice_its_value_a_day() -> None:
    done = sent(("a", "1000", RULE, 3), ("b", "900", RULE, 2))
    values = {"a": d(500), "b": d(400), "c": d(100)}
    assert checks.against_turnover(LIVE, RULE, done, "c", d(100), values, NOON) == ""
    assert "the account" in checks.against_turnover(LIVE, RULE, done, "c", d("100"), values | {"a": d(499)}, NOON)


def test_a_plan_that_alone_is_over_the_turnover_says_what_to_do() -> None:
    against = checks.against_turnover(LIVE, RULE, [], "a", d(1500), {"a": d(1000)}, NOON)
    assert "raise the limit in Settings" in against


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 30 * 60)), max_size=40),
    st.integers(1, 10**6),
)
def test_turnover_within_a_day_never_passes_the_limit(orders: list[tuple[int, int]], value: int) -> None:
    """Whatever is let through in whatever order, no window of 24 hours holds more than the value."""
    done: list[Sent] = []
    at = NOON
    for cents, minutes in orders:
        at += timedelta(minutes=minutes)
        if not checks.against_turnover(LIVE, RULE, done, "a", Decimal(cents), {"a": Decimal(value)}, at):
            done.append(Sent(at, "a", RULE, Decimal(cents)))
        assert sum(s.value for s in done if s.at > at - checks.DAY) <= value


# --------------------------------------------------------------------------------------------------------------- rate


def test_sixty_orders_an_hour_of_a_strategy_and_two_hundred_of_the_account() -> None:
    mine = sent(*[("a", "1", RULE, 0.5)] * 58)
    assert checks.against_rate(LIVE, RULE, mine, "a", 2, NOON) == ""
    assert "58 orders" in checks.against_rate(LIVE, RULE, mine, "a", 3, NOON)
    others = sent(*[("b", "1", CONFIRMED, 0.5)] * 141)
    assert checks.against_rate(LIVE, RULE, mine + others, "a", 1, NOON) == ""
    assert "the account has sent 199 orders" in checks.against_rate(LIVE, RULE, mine + others, "a", 2, NOON)
    assert checks.against_rate(LIVE, EXIT, mine + others, "a", 20, NOON) == ""
    old = sent(*[("a", "1", RULE, 1)] * 500)
    assert checks.against_rate(LIVE, RULE, old, "a", 60, NOON) == ""


@given(st.lists(st.floats(0, 0.4), min_size=1, max_size=60))
def test_no_second_ever_holds_more_than_two_orders(gaps: list[float]) -> None:
    posted: list[float] = []
    now = 1000.0
    for gap in gaps:
        now += gap
        now += checks.pause_before_order(LIVE, posted, now)
        posted.append(now)
    for first, third in zip(posted, posted[2:], strict=False):
        assert third - first >= 1 - 1e-9


@pytest.mark.parametrize(
    ("purpose", "seconds", "held"),
    [(RULE, 59, True), (RULE, 60, False), (ASKED, 59, True), (CONFIRMED, 59, True), (EXIT, 1, False)],
)
def test_a_minute_between_two_rebalances(purpose: Purpose, seconds: int, *, held: bool) -> None:
    against = checks.against_interval(LIVE, purpose, NOON - timedelta(seconds=seconds), NOON)
    assert bool(against) is held
    assert not held or "1 s" in against or "seconds" in against


def test_a_ratio_trigger_must_hold_on_two_checks() -> None:
    assert checks.needs_another_check(LIVE, 1)
    assert not checks.needs_another_check(LIVE, 2)


@pytest.mark.parametrize(
    ("row", "same", "halts"), [(1, 1, False), (2, 2, False), (3, 3, True), (4, 1, False), (5, 1, True)]
)
def test_five_refusals_in_a_row_or_three_with_the_same_words_halt(row: int, same: int, *, halts: bool) -> None:
    assert bool(checks.too_many_refusals(LIVE, row, same, "LOT_SIZE")) is halts


def test_the_demo_halts_after_five_refusals_as_it_always_did() -> None:
    assert checks.too_many_refusals(DEMO, 4, 4, "LOT_SIZE") == ""
    text = checks.too_many_refusals(DEMO, 5, 5, "LOT_SIZE")
    assert text == "5 orders in a row were refused. The last answer: LOT_SIZE"


# ------------------------------------------------------------------------------------------------------------- prices


@pytest.mark.failure(30)
@pytest.mark.parametrize(
    ("base", "bid", "ask", "bad"),
    [
        ("BTC", "99.5", "100.5", False),
        ("BTC", "99.4", "100.6", True),
        ("PEPE", "98.5", "101.5", False),
        ("PEPE", "98.4", "101.6", True),
    ],
)
def test_a_wide_spread_is_not_traded_on(base: str, bid: str, ask: str, *, bad: bool) -> None:
    seen = quote(base, bid, ask)
    assert bool(checks.against_quote(LIVE, seen, NOON)) is bad
    assert bool(checks.against_quote(LIVE, seen, NOON, spread_only=True)) is bad


def test_the_middle_is_held_against_the_last_trade_only_while_that_is_fresh() -> None:
    def seen(last: str, seconds: int | None) -> Quote:
        at = None if seconds is None else NOON - timedelta(seconds=seconds)
        return replace(quote("BTC", "100"), last=d(last), last_at=at)

    assert checks.against_quote(LIVE, seen("98.04", 59), NOON) == ""
    assert "last trade" in checks.against_quote(LIVE, seen("98", 59), NOON)
    assert checks.against_quote(LIVE, seen("98", 60), NOON) == ""
    assert checks.against_quote(LIVE, seen("50", None), NOON) == ""
    assert checks.against_quote(LIVE, seen("50", 1), NOON, spread_only=True) == ""
    for unusable in ("NaN", "Infinity", "0", "-1"):
        assert checks.against_quote(LIVE, seen(unusable, 1), NOON) == ""


TICKS = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True, places=4),
    st.sampled_from([d("NaN"), d("-Infinity"), d("sNaN"), ZERO, d(-1), d("1e-30"), d("1e30")]),
)


@pytest.mark.failure(28)
@given(TICKS, TICKS, TICKS)
def test_no_ticker_whatever_stands_in_it_breaks_a_rail_or_passes_as_a_price(
    bid: Decimal, ask: Decimal, last: Decimal
) -> None:
    seen = Quote("BTC/USDT", bid, ask, last, NOON, NOON, NOON)
    if seen.fault(NOON) is not None:
        return
    assert ZERO < bid <= ask
    assert ask.is_finite()
    checks.against_quote(LIVE, seen, NOON)


@pytest.mark.failure(29)
def test_prices_that_stand_still_for_over_a_minute_are_frozen() -> None:
    assert not checks.is_frozen(LIVE, None, NOON)
    assert not checks.is_frozen(LIVE, NOON - timedelta(seconds=60), NOON)
    assert checks.is_frozen(LIVE, NOON - timedelta(seconds=61), NOON)


def test_the_median_of_an_even_number_is_between_the_two_in_the_middle() -> None:
    assert checks.median([d(1)]) == 1
    assert checks.median([d(9), d(1), d(2)]) == 2
    assert checks.median([d(9), d(1), d(2), d(3)]) == d("2.5")


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_one_wild_price_never_moves_the_median_out_of_the_others(prices: list[int]) -> None:
    usual = [Decimal(p) for p in prices]
    both = [*usual, *usual, Decimal(10) ** 15]
    assert min(usual) <= checks.median(both) <= max(usual)


@pytest.mark.failure(33)
def test_a_thousandfold_price_means_new_units_and_a_crash_of_nine_tenths_does_not() -> None:
    assert checks.has_new_units(LIVE, d(1), d(1000))
    assert checks.has_new_units(LIVE, d(1000), d(1))
    assert checks.has_new_units(LIVE, d(1), d(10))
    assert not checks.has_new_units(LIVE, d(100), d(13))
    assert not checks.has_new_units(LIVE, d(100), d("10.01"))


def test_a_drop_of_a_portfolio_counts_prices_only() -> None:
    before = snapshot({"BTC": "5", "ETH": "5"}, {"BTC": "100", "ETH": "100"}, {"BTC": 50, "ETH": 50})
    assert not checks.dropped(before, quotes({"BTC": "60", "ETH": "100"}), d(20))
    assert checks.dropped(before, quotes({"BTC": "59.99", "ETH": "100"}), d(20))
    assert not checks.dropped(before, quotes({"BTC": "100"}), d(20))
    assert checks.is_step(NOON, NOON + timedelta(seconds=59))
    assert not checks.is_step(NOON, NOON + timedelta(seconds=60))
    assert checks.is_settled(NOON, 3, NOON + timedelta(seconds=60))
    assert not checks.is_settled(NOON, 2, NOON + timedelta(seconds=60))
    assert not checks.is_settled(NOON, 30, NOON + timedelta(seconds=59))


@pytest.mark.failure(32)
@pytest.mark.parametrize(
    ("others", "held"),
    [
        ({}, False),
        ({"USDC": "1.03"}, False),
        ({"USDC": "1.031"}, True),
        ({"USDC": "0.969"}, True),
        ({"USDC": "1.5", "FDUSD": "1"}, False),
        ({"USDC": "1.5", "FDUSD": "1.5", "TUSD": "1"}, True),
        ({"BTC": "1.5"}, False),
    ],
)
def test_a_money_that_lost_its_dollar_is_noticed_by_most_of_the_other_dollar_coins(
    others: dict[str, str], *, held: bool
) -> None:
    assert bool(checks.against_money(LIVE, "USDT", quotes(others))) is held
    assert checks.against_money(LIVE, "BTC", quotes(others)) == ""


def test_a_dollar_coin_that_is_quoted_the_other_way_round_counts_too() -> None:
    assert checks.against_money(LIVE, "USDC", {"USDC/USDT": quote("USDC", "0.9")})
    assert not checks.against_money(LIVE, "USDC", {"USDC/USDT": quote("USDC", "0.99")})


def test_an_exit_that_would_move_the_price_is_cut_until_it_does_not() -> None:
    thin = book("BTC", bids=[("100", "1"), ("98", "100")], asks=[("101", "100")])
    assert reason_against(thin, Side.SELL, d(8))
    part = sane_part(thin, Side.SELL, d(8), d(100), rules("BTC"))
    assert part == 1
    assert sane_part(thin, Side.SELL, d(8), d(100), rules("BTC", min_notional="150")) == 0
    wide = book("BTC", bids=[("100", "100")], asks=[("110", "100")])
    assert sane_part(wide, Side.SELL, d(8), d(100), rules("BTC")) == 0
