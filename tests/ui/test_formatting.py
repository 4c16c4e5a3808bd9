from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.ui.formatting import (
    MISSING,
    NumberFormat,
    NumberMarks,
    age,
    places_of,
    plain_ascii,
    rounded,
    utc_clock,
    utc_date,
    utc_iso,
    utc_moment,
    utc_stamp,
)

ENGLISH = NumberFormat(NumberMarks(".", ","))
GERMAN = NumberFormat(NumberMarks(",", "."))
SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("value", "places", "text"),
    (
        ("4171.38", 2, "4,171.38"),
        ("999", 2, "999.00"),
        ("1000", 0, "1,000"),
        ("1234567.891", 1, "1,234,567.9"),
        ("-1234.5", 2, "\u22121,234.50"),
        ("0.00000001", 8, "0.00000001"),
        ("1E+12", 0, "1,000,000,000,000"),
        ("1E-400", 2, "0.00"),
        ("-0.001", 2, "0.00"),
        ("0.125", 2, "0.12"),
        ("0.135", 2, "0.14"),
    ),
)
def test_amounts_are_grouped_rounded_half_to_even_and_never_minus_zero(value: str, places: int, text: str):
    assert ENGLISH.fixed(Decimal(value), places) == text


def test_the_locale_decides_the_marks():
    assert GERMAN.fixed(Decimal("-1234567.5")) == "\u22121.234.567,50"
    assert NumberFormat(NumberMarks(",", "\u202f")).fixed(Decimal(1234)) == "1\u202f234,00"
    assert NumberFormat(NumberMarks(".", "")).fixed(Decimal(1234)) == "1234.00"


def test_marks_must_be_two_different_characters():
    for decimal, group in ((",", ","), ("", "."), (".", "..")):
        with pytest.raises(ValueError, match="two different characters"):
            NumberMarks(decimal, group)


def test_a_unit_follows_after_a_space_that_does_not_break():
    assert ENGLISH.money(Decimal(1900), "USDT") == f"1,900.00{SPACE}USDT"
    assert ENGLISH.percent(Decimal("43.11")) == f"43.11{SPACE}%"
    assert ENGLISH.points(Decimal("3.11"), unit="pp") == f"+3.11{SPACE}pp"


@pytest.mark.parametrize(
    ("value", "text"), (("4.28", "+4.28"), ("-3.7", "\u22123.70"), ("0", "0.00"), ("0.001", "0.00"), ("-0.004", "0.00"))
)
def test_a_change_shows_its_sign_except_where_it_rounds_to_zero(value: str, text: str):
    assert ENGLISH.signed(Decimal(value)) == text
    assert ENGLISH.change_percent(Decimal(value)) == f"{text}{SPACE}%"


def test_quantities_have_the_decimals_of_their_step_and_prices_at_least_two():
    assert ENGLISH.quantity(Decimal("0.365"), Decimal("0.0001")) == "0.3650"
    assert ENGLISH.quantity(Decimal("0.36500")) == "0.365"
    assert ENGLISH.quantity(Decimal(500), Decimal(1), "SHIB") == f"500{SPACE}SHIB"
    assert ENGLISH.price(Decimal("96418.2"), Decimal("0.01")) == "96,418.20"
    assert ENGLISH.price(Decimal("0.00001234")) == "0.00001234"
    assert ENGLISH.price(Decimal(162)) == "162.00"


def test_what_is_missing_is_a_dash_on_the_screen_and_an_empty_field_in_a_file():
    for text in (
        ENGLISH.fixed(None),
        ENGLISH.signed(None),
        ENGLISH.quantity(None),
        ENGLISH.price(None),
        ENGLISH.percent(None),
        utc_clock(None),
        utc_date(None),
    ):
        assert text == MISSING == "\u2013"
    assert plain_ascii(None) == ""
    assert utc_iso(None) == ""
    assert ENGLISH.spoken(None, missing="no price") == "no price"


def test_screen_readers_hear_words_for_signs_and_units():
    assert ENGLISH.spoken(Decimal("-3.7"), unit="percent") == "minus 3.70 percent"
    assert ENGLISH.spoken(Decimal("3.11"), unit="points", signed=True) == "plus 3.11 points"
    assert ENGLISH.spoken(Decimal("3.11"), unit="points") == "3.11 points"
    assert ENGLISH.spoken(Decimal("-0.001"), signed=True) == "0.00"
    assert GERMAN.spoken(Decimal("1234.5"), unit="USDT") == "1234,50 USDT"


def test_files_get_plain_ascii_numbers():
    assert plain_ascii(Decimal("-1234567.50")) == "-1234567.50"
    assert plain_ascii(Decimal("1E-8")) == "0.00000001"
    assert plain_ascii(Decimal("1E+3")) == "1000"
    assert plain_ascii(Decimal("2.345"), 2) == "2.34"
    assert plain_ascii(Decimal("-0.001"), 2) == "0.00"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30), st.integers(0, 18))
def test_rounding_is_within_half_a_unit_whatever_the_context_of_the_thread(value: Decimal, places: int):
    with localcontext() as context:
        context.prec = 3
        shown = rounded(value, places)
    with localcontext() as context:
        context.prec = 100
        assert abs(shown - value) <= Decimal(5).scaleb(-places - 1)
    assert shown.as_tuple().exponent == -places


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_taking_the_marks_away_gives_the_number_back(value: Decimal):
    for numbers in (ENGLISH, GERMAN):
        text = numbers.fixed(value, 6)
        plain = text.replace(numbers.marks.group, "").replace(numbers.marks.decimal, ".").replace("\u2212", "-")
        assert Decimal(plain) == value


def test_what_is_no_number_is_never_shown_as_one():
    for value in (Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(ValueError, match="cannot be shown"):
            ENGLISH.fixed(value)
        with pytest.raises(ValueError, match="cannot be shown"):
            places_of(value)


@pytest.mark.parametrize(("value", "places"), (("0.0100", 2), ("500", 0), ("1E+3", 0), ("1E-8", 8), ("0.5", 1)))
def test_trailing_zeros_are_no_decimals(value: str, places: int):
    assert places_of(Decimal(value)) == places


def test_times_are_shown_in_utc():
    moment = datetime(2026, 11, 22, 15, 32, 10, tzinfo=timezone(timedelta(hours=1)))
    assert utc_clock(moment) == "14:32:10"
    assert utc_moment(moment) == "22 Nov 14:32 UTC"
    assert utc_date(moment) == "22 Nov 2026"
    assert utc_stamp(moment) == "2026-11-22 14:32:10"
    assert utc_iso(moment) == "2026-11-22T14:32:10Z"


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        utc_clock(datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None))


@pytest.mark.parametrize(
    ("span", "text"),
    (
        (timedelta(seconds=-3), "0.0 s"),
        (timedelta(milliseconds=449), "0.4 s"),
        (timedelta(seconds=14.9), "14 s"),
        (timedelta(minutes=3, seconds=59), "3 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, hours=23), "3 days"),
    ),
)
def test_ages_are_told_in_their_largest_unit(span: timedelta, text: str):
    assert age(span) == text
