"""Spans of time as people type them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalancer_gui.domain.strategy import CHECK_PERIODS, INTERVALS
from rebalancer_gui.ui.create.durations import duration_text, parse_duration
from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.parsing import Unreadable

POINT = NumberMarks()
COMMA = NumberMarks(",", ".")


@pytest.mark.parametrize(
    ("text", "seconds"),
    (
        ("36 h", 129_600),
        ("36h", 129_600),
        ("  2  s ", 2),
        ("30 min", 1800),
        ("90 D", 7_776_000),
        ("1 d 12 h", 129_600),
        ("1.5 h", 5400),
        ("2 weeks", 1_209_600),
        ("1 day", 86_400),
    ),
)
def test_a_number_with_a_unit_is_read(text, seconds):
    assert parse_duration(text, POINT) == timedelta(seconds=seconds)


def test_the_decimal_mark_is_the_locales():
    assert parse_duration("1,5 h", COMMA) == timedelta(minutes=90)
    assert isinstance(parse_duration("1.5 h", COMMA), Unreadable)


@pytest.mark.parametrize(
    ("text", "says"),
    (
        ("36", "unit is missing"),
        ("soon", "not a unit"),
        ("5 parsecs", "not a unit"),
        ("1 m", "minutes or months"),
        ("h", "Write a number"),
        ("0.5 s", "whole seconds"),
        ("99999999999999999999 d", "90 d is the longest"),
        ("1 d 12", "unit is missing"),
        ("nan d", "not a unit"),
    ),
)
def test_what_is_not_a_span_is_refused_in_words(text, says):
    answer = parse_duration(text, POINT)
    assert isinstance(answer, Unreadable)
    assert says in answer.message


def test_an_empty_field_is_known_as_empty():
    answer = parse_duration("   ", POINT)
    assert isinstance(answer, Unreadable)
    assert answer.empty


@pytest.mark.parametrize("span", (*INTERVALS, *CHECK_PERIODS))
def test_the_lists_are_written_so_that_they_read_back(span):
    assert parse_duration(duration_text(span), POINT) == span


@given(st.integers(min_value=0, max_value=90 * 86_400))
def test_every_span_is_written_so_that_it_reads_back(seconds):
    span = timedelta(seconds=seconds)
    assert parse_duration(duration_text(span), COMMA) == span


@given(st.text(max_size=30))
def test_no_text_makes_it_raise(text):
    assert isinstance(parse_duration(text, POINT), timedelta | Unreadable)
