"""The money-weighted return: known answers, no answer said as such, and what holds for all flows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.money import HUNDRED, ONE, ZERO
from rebalancer_gui.domain.money_weighted import (
    ALL_ONE_WAY,
    NO_RATE,
    NOTHING_YET,
    SEVERAL_RATES,
    TOO_LARGE,
    TOO_SHORT,
    Flow,
    money_weighted,
)
from tests.builders import d

DAY = timedelta(days=1)
NEW_YEAR = datetime(2021, 1, 1, tzinfo=UTC)
YEAR_ON = NEW_YEAR + 365 * DAY

amounts = st.decimals(Decimal(1), Decimal(1_000_000), allow_nan=False, allow_infinity=False, places=2)
days_on = st.integers(0, 3000)


def on(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def worth(flows: Sequence[Flow], percent: Decimal, at: datetime) -> Decimal:
    """What the flows grow to at that rate a year, in plain arithmetic."""
    growth = ONE + percent / HUNDRED
    years = [Decimal((at - flow.at) // timedelta(microseconds=1)) / Decimal(365 * 86_400_000_000) for flow in flows]
    return sum((flow.amount * growth**y for flow, y in zip(flows, years, strict=True)), ZERO)


def rate(flows: Sequence[Flow], value: Decimal | str, at: datetime, start: datetime | None = None) -> Decimal:
    found = money_weighted(flows, d(str(value)), at, start)
    assert found.percent is not None, found.why
    assert not found.why
    return found.percent


@pytest.mark.rule("10.4")
def test_the_example_of_excels_xirr_has_excels_answer() -> None:
    flows = [Flow(on(2008, 1, 1), d("10000")), Flow(on(2008, 3, 1), d("-2750")), Flow(on(2008, 10, 30), d("-4250"))]
    flows.append(Flow(on(2009, 2, 15), d("-3250")))
    found = rate(flows, "2750", on(2009, 4, 1))
    # Microsoft's page says 0.373362535, rounded by its own search at the ninth digit.
    assert abs(found - d("37.3362535")) < d("0.0000005")
    assert abs(worth(flows, found, on(2009, 4, 1)) - 2750) < d("1e-15")


@pytest.mark.rule("10.4")
@pytest.mark.parametrize(
    ("flows", "value", "days", "percent"),
    [
        ([(0, "1000")], "1100", 365, "10"),
        ([(0, "1000")], "900", 365, "-10"),
        ([(0, "1000")], "1000", 100, "0"),
        ([(0, "1000")], "1210", 730, "10"),
        ([(0, "1000"), (365, "1000")], "2310", 730, "10"),
        ([(0, "1000"), (365, "-550")], "605", 730, "10"),
        ([(0, "1000"), (365, "-1100")], "0", 365, "10"),
        ([(0, "600"), (0, "400")], "1100", 365, "10"),
    ],
)
def test_a_rate_that_can_be_told_by_hand(flows: list[tuple[int, str]], value: str, days: int, percent: str) -> None:
    dated = [Flow(NEW_YEAR + n * DAY, d(amount)) for n, amount in flows]
    assert abs(rate(dated, value, NEW_YEAR + days * DAY) - d(percent)) < d("1e-18")


@pytest.mark.rule("10.4")
def test_a_leap_day_counts_as_a_day_and_a_year_has_365() -> None:
    found = rate([Flow(on(2020, 1, 1), d("1000"))], "1100", on(2021, 1, 1))
    assert abs(found - ((d("1.1") ** (Decimal(365) / 366) - 1) * 100)) < d("1e-18")


def test_money_counts_for_as_long_as_it_was_in() -> None:
    late = [Flow(NEW_YEAR, d("1000")), Flow(YEAR_ON - 30 * DAY, d("1000"))]
    early = [Flow(NEW_YEAR, d("1000")), Flow(NEW_YEAR + 30 * DAY, d("1000"))]
    assert rate(late, "2100", YEAR_ON) > rate(early, "2100", YEAR_ON) > ZERO


def test_what_was_put_in_before_the_start_counts_from_the_start() -> None:
    flows = [Flow(NEW_YEAR, d("900")), Flow(NEW_YEAR + 100 * DAY, d("100")), Flow(YEAR_ON, d("55"))]
    started = NEW_YEAR + 200 * DAY
    assert rate(flows, "1200", YEAR_ON, started) == rate(
        [Flow(started, d("1000")), Flow(YEAR_ON, d("55"))], "1200", YEAR_ON
    )


def test_flows_after_the_moment_do_not_count() -> None:
    flows = [Flow(NEW_YEAR, d("1000")), Flow(YEAR_ON + DAY, d("5000"))]
    assert abs(rate(flows, "1100", YEAR_ON) - 10) < d("1e-18")


@pytest.mark.rule("10.4")
@pytest.mark.parametrize(
    ("flows", "value", "days", "why"),
    [
        ([], "0", 10, NOTHING_YET),
        ([(0, "-10")], "10", 10, NOTHING_YET),
        ([(0, "1000")], "1100", 0, TOO_SHORT),
        ([(0, "1000"), (1, "5")], "0", 400, ALL_ONE_WAY),
        ([(0, "1000")], "-5", 400, ALL_ONE_WAY),
        ([(0, "1000")], "1100", 1, TOO_LARGE),
        ([(0, "1000"), (365, "-2500"), (730, "1580")], "0", 730, NO_RATE),
        ([(0, "1000"), (365, "-2300"), (730, "1320")], "0", 730, SEVERAL_RATES),
    ],
)
def test_where_there_is_no_answer_it_says_why(flows: list[tuple[int, str]], value: str, days: int, why: str) -> None:
    dated = [Flow(NEW_YEAR + n * DAY, d(amount)) for n, amount in flows]
    found = money_weighted(dated, d(value), NEW_YEAR + days * DAY)
    assert (found.percent, found.why) == (None, why)


def test_a_second_less_than_a_day_is_too_short_and_a_day_is_not() -> None:
    flows = [Flow(NEW_YEAR, d("1000"))]
    assert money_weighted(flows, d("1001"), NEW_YEAR + DAY - timedelta(seconds=1)).why == TOO_SHORT
    assert abs(rate(flows, "1001", NEW_YEAR + DAY) - ((d("1.001") ** 365 - 1) * 100)) < d("1e-15")


def test_profit_that_was_taken_out_and_put_back_has_one_rate_still() -> None:
    # More came out than was in: the flows change their sign three times, and yet one rate alone fits.
    flows = [Flow(NEW_YEAR, d("1000")), Flow(NEW_YEAR + 100 * DAY, d("-1900")), Flow(NEW_YEAR + 200 * DAY, d("500"))]
    found = rate(flows, "900", YEAR_ON)
    assert abs(worth(flows, found, YEAR_ON) - 900) < d("1e-12")


@given(st.lists(st.tuples(days_on, amounts), min_size=1, max_size=8), amounts)
def test_the_flows_grow_to_the_value_at_the_rate_that_was_found(
    puts: list[tuple[int, Decimal]], value: Decimal
) -> None:
    flows = [Flow(NEW_YEAR + n * DAY, amount) for n, amount in puts]
    at = NEW_YEAR + 3100 * DAY
    found = money_weighted(flows, value, at)
    # Money in, a value at the end: there always is exactly one rate.
    if found.percent is None:
        assert found.why == TOO_LARGE
        return
    assert abs(worth(flows, found.percent, at) - value) <= value * d("1e-12")


@given(st.lists(st.tuples(days_on, amounts), min_size=1, max_size=6), amounts)
def test_the_rate_has_the_sign_of_the_profit_and_does_not_depend_on_the_currency(
    puts: list[tuple[int, Decimal]], value: Decimal
) -> None:
    at = NEW_YEAR + 3100 * DAY
    flows = [Flow(NEW_YEAR + n * DAY, amount) for n, amount in puts]
    found = money_weighted(flows, value, at).percent
    times_seven = money_weighted([Flow(f.at, f.amount * 7) for f in flows], value * 7, at).percent
    if found is None or times_seven is None:
        return
    profit = value - sum((f.amount for f in flows), ZERO)
    assert (found > d("1e-15")) == (profit > ZERO) or abs(profit) < d("0.01")
    assert abs(found - times_seven) <= d("1e-12") * max(ONE, abs(found))


@given(st.randoms(use_true_random=False), st.integers(-30, 60))
def test_a_portfolio_that_grows_at_a_rate_has_that_rate_whatever_goes_in_and_out(
    chance: random.Random, rate_: int
) -> None:
    """Money is put in and taken out of something that grows steadily and is never empty."""
    growth, value, flows, at = ONE + Decimal(rate_) / HUNDRED, ZERO, list[Flow](), NEW_YEAR
    for _ in range(chance.randint(1, 12)):
        amount = Decimal(chance.randint(100, 10_000)) if value < 200 or chance.random() < 0.6 else -value / 3
        flows.append(Flow(at, amount))
        days = chance.randint(1, 200)
        value = (value + amount) * growth ** (Decimal(days) / 365)
        at += days * DAY
    found = money_weighted(flows, value, at)
    if found.percent is None:
        raise AssertionError(found.why)
    assert abs(found.percent - rate_) < d("1e-9")
