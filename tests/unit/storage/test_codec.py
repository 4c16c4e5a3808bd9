"""What is written is read back as it was."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.adapters.storage import codec
from rebalancer_gui.domain.strategy import (
    BandRule,
    Basis,
    Direction,
    Level,
    RatioRule,
    StrategyParameters,
    Target,
    TimeRule,
    Trigger,
)

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1E+20"), max_value=Decimal("1E+20"))
PERIODS = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=90))
RULES = st.builds(RatioRule, AMOUNTS, PERIODS) | st.builds(TimeRule, PERIODS, AMOUNTS) | st.builds(BandRule, PERIODS)
TARGETS = st.lists(st.builds(Target, st.text(max_size=8), AMOUNTS), max_size=10).map(tuple)
TRIGGERS = st.none() | st.builds(Trigger, st.text(), AMOUNTS, st.none() | st.sampled_from(Direction))
LEVELS = st.none() | st.builds(Level, st.sampled_from(Basis), AMOUNTS, st.text())
PARAMETERS = st.builds(
    StrategyParameters, st.text(), st.text(), TARGETS, AMOUNTS, RULES, st.booleans(), TRIGGERS, LEVELS, LEVELS
)
OF_VERSION_1 = (
    '{"name":"Core 2","quote":"USDT","coins":[{"asset":"BTC","weight":"33.34"},{"asset":"ETH","weight":"66.66"}],'
    '"investment":"1000.5","rule":{"kind":"ratio","threshold":"0.5","check_seconds":"2"},"sell_all_on_stop":true}'
)


@given(AMOUNTS)
def test_an_amount_keeps_every_digit(amount: Decimal) -> None:
    text = codec.to_text(amount)
    assert codec.to_decimal(text) == amount
    assert "e" not in text.lower()


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_time_keeps_its_microsecond(at: datetime) -> None:
    assert codec.to_time(codec.to_micros(at)) == at


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    at = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert codec.to_time(codec.to_micros(at)) == datetime(2024, 5, 1, 10, tzinfo=UTC)


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(TypeError):
        codec.to_micros(datetime(2024, 5, 1, 12))  # noqa: DTZ001


@given(PARAMETERS)
def test_parameters_come_back_as_they_were(parameters: StrategyParameters) -> None:
    assert codec.parameters_from_json(codec.parameters_to_json(parameters)) == parameters


def test_parameters_of_version_1_have_neither_trigger_nor_levels() -> None:
    rule = RatioRule(Decimal("0.5"), timedelta(seconds=2))
    targets = (Target("BTC", Decimal("33.34")), Target("ETH", Decimal("66.66")))
    expected = StrategyParameters("Core 2", "USDT", targets, Decimal("1000.5"), rule, sell_all_on_stop=True)
    assert codec.parameters_from_json(OF_VERSION_1) == expected


@pytest.mark.parametrize(
    "damage",
    (
        '"trigger":{"symbol":"BTC/USDT","price":"1","direction":"sideways"}',
        '"trigger":{"symbol":"BTC/USDT","price":"NaN","direction":null}',
        '"stop_loss":{"basis":"mood","symbol":"","level":"1"}',
        '"take_profit":{"basis":"price","level":"1"}',
    ),
)
def test_a_trigger_or_level_that_cannot_be_understood_is_not_passed_over(damage: str) -> None:
    with pytest.raises((ValueError, ArithmeticError, KeyError)):
        codec.parameters_from_json(f"{OF_VERSION_1[:-1]},{damage}}}")


@given(AMOUNTS)
def test_a_sample_is_the_amount_to_twelve_digits(amount: Decimal) -> None:
    kept = codec.to_decimal(codec.to_sample(amount))
    assert len(kept.normalize().as_tuple().digits) <= codec.SAMPLE_DIGITS
    assert abs(kept - amount) <= abs(amount) * Decimal("1E-11")


@pytest.mark.parametrize("text", ("NaN", "Infinity", "", "1,5", "x"))
def test_what_is_no_amount_is_not_read(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        codec.to_decimal(text)
