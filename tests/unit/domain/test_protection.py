"""Trigger price, stop-loss and take-profit: when a level counts as reached, and which levels are refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.creation import problems_with
from rebalancer_gui.domain.market import STALE_AFTER, Quote
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.protection import (
    APART,
    Confirmation,
    Watch,
    direction_of,
    is_reached,
    last_price,
    level_words,
    problems_of_form,
    problems_with_levels,
    with_direction,
)
from rebalancer_gui.domain.strategy import Basis, Direction, Level, StrategyParameters, Trigger
from tests.builders import NOON, d, parameters, quotes, rules_for

STOP_AT_90 = Level(Basis.PRICE, d(90), "BTC/USDT")
TAKE_AT_110 = Level(Basis.PRICE, d(110), "BTC/USDT")


def confirmed_by(
    figures: Iterable[tuple[float, str]], watch: Watch = Watch.STOP_LOSS, level: Level = STOP_AT_90
) -> bool:
    """Whether the level fires within ``figures``: seconds after noon and the last price."""
    seen = Confirmation()
    for seconds, figure in figures:
        seen = seen.after(NOON + timedelta(seconds=seconds), reached=is_reached(watch, level, d(figure)))
        if seen.is_confirmed:
            return True
    return False


# ------------------------------------------------------------------------------------------------------- confirmation


@pytest.mark.rule("6.3")
def test_a_level_fires_at_the_third_good_quote_in_a_row_and_not_before() -> None:
    assert not confirmed_by([(0, "90"), (2, "89")])
    assert confirmed_by([(0, "90"), (2, "89"), (4, "90")])


@pytest.mark.rule("6.3")
def test_quotes_closer_together_than_2_s_count_as_one() -> None:
    assert not confirmed_by([(second / 10, "80") for second in range(40)])
    assert confirmed_by([(second / 10, "80") for second in range(41)])
    assert not confirmed_by([(0, "80"), (1.999, "80"), (3.998, "80")])
    assert not confirmed_by([(0, "80")] * 100), "the same quote, looked at again and again"


@pytest.mark.rule("6.3")
@pytest.mark.parametrize("spike", ["13", "0.01"])
def test_one_bad_tick_never_fires_anything(spike: str) -> None:
    # 87 % down for one sample, again and again.
    assert not confirmed_by((2 * tick, spike if tick % 2 else "100") for tick in range(100))
    assert not confirmed_by((2 * tick, spike if tick % 3 else "100") for tick in range(100))


@pytest.mark.rule("6.3")
def test_a_quote_that_does_not_agree_begins_the_count_anew_even_within_the_2_s() -> None:
    assert not confirmed_by([(0, "80"), (2, "80"), (2.5, "91"), (4, "80"), (6, "80")])
    assert confirmed_by([(0, "80"), (2, "80"), (2.5, "91"), (4, "80"), (6, "80"), (8, "80")])


@pytest.mark.rule("6.3")
@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40))
def test_whatever_the_quotes_a_level_fires_only_on_three_in_a_row_2_s_apart(ticks: list[tuple[int, bool]]) -> None:
    seen, at, run = Confirmation(), NOON, list[float]()
    for tenths, reached in ticks:
        at += timedelta(seconds=tenths / 10)
        seen = seen.after(at, reached=reached)
        if not reached:
            run.clear()
        elif not run or at.timestamp() - run[-1] >= APART.total_seconds():
            run.append(at.timestamp())
        assert seen.is_confirmed == (len(run) >= 3)


@pytest.mark.rule("6.3")
def test_only_a_good_quote_has_a_last_price() -> None:
    good = Quote("BTC/USDT", d(99), d(101), d(100), NOON, NOON)
    assert last_price({"BTC/USDT": good}, "BTC/USDT", NOON, STALE_AFTER) == 100
    assert last_price({"BTC/USDT": good}, "ETH/USDT", NOON, STALE_AFTER) is None
    assert last_price({"BTC/USDT": good}, "BTC/USDT", NOON + timedelta(seconds=11), STALE_AFTER) is None
    for bad in (
        replace(good, last=d(0)),
        replace(good, last=d(-1)),
        replace(good, last=d("NaN")),
        replace(good, bid=d(102)),
        replace(good, bid=d(0)),
        replace(good, ask=d("Infinity")),
    ):
        assert last_price({"BTC/USDT": bad}, "BTC/USDT", NOON, STALE_AFTER) is None


# --------------------------------------------------------------------------------------------------------- directions


@pytest.mark.rule("6.1")
@pytest.mark.parametrize(
    ("price", "direction", "reached", "not_yet"),
    [("110", Direction.RISING, ("110", "111"), ("109.99",)), ("90", Direction.FALLING, ("90", "89"), ("90.01",))],
)
def test_a_trigger_is_reached_from_the_side_on_which_the_price_was_at_creation(
    price: str, direction: Direction, reached: tuple[str, ...], not_yet: tuple[str, ...]
) -> None:
    trigger = with_direction(Trigger("BTC/USDT", d(price)), d(100))
    assert direction_of(Watch.TRIGGER, trigger) is direction
    assert all(is_reached(Watch.TRIGGER, trigger, d(figure)) for figure in reached)
    assert not any(is_reached(Watch.TRIGGER, trigger, d(figure)) for figure in not_yet)


def test_a_trigger_whose_side_was_never_fixed_cannot_be_watched() -> None:
    with pytest.raises(ValueError, match="fixed when its strategy is created"):
        is_reached(Watch.TRIGGER, Trigger("BTC/USDT", d(100)), d(100))


@pytest.mark.rule("6.2", "6.2b")
@pytest.mark.parametrize("basis", Basis)
def test_a_stop_loss_is_at_or_below_its_level_and_a_take_profit_at_or_above(basis: Basis) -> None:
    level = Level(basis, d(50))
    assert [is_reached(Watch.STOP_LOSS, level, d(f)) for f in ("49", "50", "51")] == [True, True, False]
    assert [is_reached(Watch.TAKE_PROFIT, level, d(f)) for f in ("49", "50", "51")] == [False, True, True]


@pytest.mark.rule("6.2b")
def test_the_label_always_says_what_is_watched() -> None:
    assert level_words(Watch.STOP_LOSS, STOP_AT_90, "USDT") == "BTC/USDT <= 90 USDT"
    assert level_words(Watch.TAKE_PROFIT, Level(Basis.PRICE, d("0.05"), "ETH/BTC"), "USDT") == "ETH/BTC >= 0.05 BTC"
    assert level_words(Watch.STOP_LOSS, Level(Basis.RETURN, d("-20.0")), "USDT") == "time-weighted return <= -20 %"
    assert level_words(Watch.TAKE_PROFIT, Level(Basis.RETURN, d(50)), "USDT") == "time-weighted return >= 50 %"
    rising = Trigger("BTC/USDT", d("5E+4"), Direction.RISING)
    assert level_words(Watch.TRIGGER, rising, "USDT") == "BTC/USDT >= 50000 USDT"
    assert level_words(Watch.TRIGGER, replace(rising, direction=None), "USDT") == "BTC/USDT at 50000 USDT"


# ----------------------------------------------------------------------------------------------------- what is refused


LASTS = {"BTC/USDT": d(100), "ETH/USDT": d(10)}


def asked(
    *, trigger: Trigger | None = None, stop: Level | None = None, take: Level | None = None
) -> StrategyParameters:
    return replace(parameters(), trigger=trigger, stop_loss=stop, take_profit=take)


def on_price(level: str, symbol: str = "BTC/USDT") -> Level:
    return Level(Basis.PRICE, d(level), symbol)


def on_return(level: str) -> Level:
    return Level(Basis.RETURN, d(level))


@pytest.mark.rule("6.5")
def test_levels_that_are_ahead_are_legal() -> None:
    assert problems_with_levels(asked(), LASTS) == []
    ahead = asked(trigger=Trigger("ETH/USDT", d(11)), stop=on_price("99.99"), take=on_price("100.01"))
    assert problems_with_levels(ahead, LASTS) == []
    assert problems_with_levels(asked(stop=on_return("-0.01"), take=on_return("0.01")), LASTS) == []


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("parameters_asked", "field", "says"),
    [
        (asked(trigger=Trigger("BTC/USDT", d("100.0"))), "trigger", "BTC/USDT is at 100 USDT now: the trigger must be"),
        (asked(stop=on_price("100")), "stop_loss", "must be below the present 100 USDT of BTC/USDT"),
        (asked(stop=on_price("101")), "stop_loss", "must be below the present 100 USDT of BTC/USDT"),
        (asked(take=on_price("100")), "take_profit", "must be above the present 100 USDT of BTC/USDT"),
        (asked(take=on_price("9.99", "ETH/USDT")), "take_profit", "must be above the present 10 USDT of ETH/USDT"),
        (
            asked(stop=on_return("0")),
            "stop_loss",
            "at 0 % would fire at once: it must be below the present return of 0 %",
        ),
        (asked(stop=on_return("5")), "stop_loss", "it must be below the present return of 0 %"),
        (asked(take=on_return("0")), "take_profit", "it must be above the present return of 0 %"),
        (asked(take=on_return("-5")), "take_profit", "it must be above the present return of 0 %"),
    ],
)
def test_a_level_that_would_fire_at_once_is_refused_with_the_present_figure(
    parameters_asked: StrategyParameters, field: str, says: str
) -> None:
    [problem] = problems_with_levels(parameters_asked, LASTS)
    assert problem.field == field
    assert says in problem.message


@pytest.mark.rule("6.5")
@pytest.mark.parametrize(
    ("parameters_asked", "field", "says"),
    [
        (asked(trigger=Trigger("SOL/USDT", d(5))), "trigger", "SOL/USDT has no price on this account now"),
        (asked(stop=on_price("5", "SOL/USDT")), "stop_loss", "SOL/USDT has no price on this account now"),
        (asked(trigger=Trigger("BTC/USDT", d(0))), "trigger", "The trigger price must be above 0."),
        (asked(stop=on_price("0")), "stop_loss", "The stop-loss price must be above 0."),
        (asked(take=on_price("-5")), "take_profit", "The take-profit price must be above 0."),
        (asked(stop=on_return("-100")), "stop_loss", "must be above -100 %"),
        (asked(stop=on_price("NaN")), "stop_loss", "The stop-loss must be a number."),
        (asked(take=on_return("Infinity")), "take_profit", "The take-profit must be a number."),
        (asked(trigger=Trigger("BTC/USDT", d("NaN"))), "trigger", "The trigger must be a number."),
    ],
)
def test_a_level_that_can_never_be_right_is_refused(
    parameters_asked: StrategyParameters, field: str, says: str
) -> None:
    [problem] = problems_with_levels(parameters_asked, LASTS)
    assert problem.field == field
    assert says in problem.message


@pytest.mark.rule("6.5")
def test_while_the_trigger_is_ahead_the_exits_on_its_symbol_are_judged_at_its_price() -> None:
    rising = Trigger("BTC/USDT", d(120))
    # Above the present price, yet below the one at which the strategy will start.
    assert problems_with_levels(asked(trigger=rising, stop=on_price("110")), LASTS) == []
    [problem] = problems_with_levels(asked(trigger=rising, stop=on_price("120")), LASTS)
    assert problem == Problem(
        "stop_loss", "The stop-loss would fire at once: it must be below the trigger price of 120 USDT of BTC/USDT."
    )
    [problem] = problems_with_levels(asked(trigger=rising, take=on_price("110")), LASTS)
    assert problem.field == "take_profit"
    # Another symbol has its present price, and once the strategy runs so has this one.
    assert [p.field for p in problems_with_levels(asked(trigger=rising, stop=on_price("11", "ETH/USDT")), LASTS)] == [
        "stop_loss"
    ]
    runs = problems_with_levels(asked(trigger=rising, stop=on_price("110")), LASTS, waiting=False)
    assert [p.field for p in runs] == ["stop_loss"]


@pytest.mark.rule("6.5")
def test_of_a_strategy_that_runs_the_present_return_counts_and_its_trigger_no_more() -> None:
    risen = asked(trigger=Trigger("BTC/USDT", d(100)), stop=on_return("20"), take=on_return("40"))
    assert problems_with_levels(risen, LASTS, waiting=False, returned=d(30)) == []
    [problem] = problems_with_levels(risen, LASTS, waiting=False, returned=d("40.123"))
    assert (
        problem.message == "The take-profit at 40 % would fire at once: it must be above the present return of 40.12 %."
    )


def test_every_fault_of_the_levels_is_told_and_the_creation_of_a_strategy_asks_for_them() -> None:
    bad = asked(trigger=Trigger("BTC/USDT", d(100)), stop=on_price("100"), take=on_return("-5"))
    found = problems_with(
        bad,
        taken_names=[],
        free={"USDT": d(10000)},
        rules=rules_for("BTC", "ETH"),
        quotes=quotes({"BTC": "100", "ETH": "10"}),
    )
    # The stop-loss at 100 is judged at the trigger's 100.
    assert [problem.field for problem in found] == ["trigger", "stop_loss", "take_profit"]


@given(st.decimals(allow_nan=True, allow_infinity=True), st.sampled_from(Watch), st.sampled_from(Basis))
def test_no_number_is_too_strange_for_the_judgement(number: Decimal, watch: Watch, basis: Basis) -> None:
    level = Trigger("BTC/USDT", number) if watch is Watch.TRIGGER else Level(basis, number, "BTC/USDT")
    formal = problems_of_form(watch, level)
    assert all(problem.field == watch.value for problem in formal)
    kept = {"trigger": None, "stop_loss": None, "take_profit": None, watch.value: level}
    found = problems_with_levels(replace(parameters(), **kept), LASTS)  # type: ignore[arg-type]
    assert found[:1] == formal or not formal
