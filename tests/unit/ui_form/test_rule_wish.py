"""What stands in the head of Test this rule is read one way only, and refused with what is legal."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.ui.backtest.wish import Wish, problems_with, read_day, usual_timeframe

NOW = datetime(2021, 5, 14, 14, 32, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.mark.parametrize("text", ["2021-05-14", " 2021-05-14 "])
def test_a_day_is_read_as_year_month_day(text):
    assert read_day(text) == date(2021, 5, 14)


@pytest.mark.parametrize(
    "text", ["", "14.05.2021", "2021-5-14", "2021-02-30", "20210514", "2021-05-14T00:00", "yesterday"]
)
def test_what_can_be_read_in_another_way_is_no_day(text):
    assert read_day(text) is None


def problems(start="2020-01-01", last="2021-01-01", amount="1000", timeframe=DAY):
    value = Decimal(amount) if amount is not None else None
    return {p.field: p.message for p in problems_with(read_day(start), read_day(last), value, timeframe, NOW)}


def test_days_in_order_and_an_amount_are_all_that_is_needed():
    assert problems() == {}


def test_a_day_that_cannot_be_read_is_said_with_how_it_is_written():
    assert problems(start="1.1.2020") == {"from": "Write a day as 2024-11-22."}
    assert problems(last="soon") == {"to": "Write a day as 2024-11-22."}


def test_a_beginning_after_the_end_is_said_with_the_last_legal_day():
    assert problems(start="2021-02-01") == {
        "from": "The test would begin after it ends: choose a day before 2021-01-01."
    }


def test_a_beginning_in_the_future_is_said_with_the_day_it_is_now():
    assert problems(start="2021-06-01", last="2022-01-01") == {
        "from": "It is 2021-05-14 now: there are no candles after that."
    }


def test_too_few_candles_are_said_with_how_many_days_they_need():
    assert problems(start="2020-12-25") == {"from": "Too short: 10 candles are needed, which are 10 days of these."}
    assert problems(start="2020-12-25", timeframe=timedelta(hours=1)) == {}


def test_more_candles_than_can_be_held_are_refused_with_the_way_out():
    message = problems(start="2010-01-01", timeframe=MINUTE)["from"]
    assert message.startswith("Too long: ")
    assert message.endswith("Choose longer candles, or fewer days.")


def test_days_of_a_file_whose_candles_are_not_known_yet_are_not_counted():
    assert problems(start="2020-12-31", timeframe=None) == {}


def test_a_missing_amount_is_said():
    assert problems(amount=None) == {"investment": "Say with how much money the test begins."}


def test_the_last_day_is_in_the_test_but_nothing_after_now():
    wish = Wish(DAY, date(2021, 1, 1), date(2021, 5, 1), Decimal(1), NOW)
    assert wish.since == datetime(2021, 1, 1, tzinfo=UTC)
    assert wish.until == datetime(2021, 5, 2, tzinfo=UTC)
    assert Wish(DAY, date(2021, 1, 1), date(2022, 1, 1), Decimal(1), NOW).until == NOW


def test_candles_of_an_hour_are_usual_else_what_is_next_to_it():
    hours = [timedelta(hours=h) for h in (1, 4, 24)]
    assert usual_timeframe([MINUTE, *hours]) == hours[0]
    assert usual_timeframe([MINUTE, *hours[1:]]) == hours[1]
    assert usual_timeframe([MINUTE, 5 * MINUTE]) == 5 * MINUTE
    assert usual_timeframe([DAY]) == DAY
    assert usual_timeframe([]) is None
