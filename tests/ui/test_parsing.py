from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rebalancer_gui.ui.formatting import NumberFormat, NumberMarks
from rebalancer_gui.ui.parsing import MAX_DECIMALS, MAX_WHOLE_DIGITS, Parsed, Unreadable, editable, parse_decimal

POINT = NumberMarks(".", ",")
COMMA = NumberMarks(",", ".")
FRENCH = NumberMarks(",", "\u202f")
POLISH = NumberMarks(",", "\u00a0")
SWISS = NumberMarks(".", "\u2019")
NO_GROUPS = NumberMarks(".", "")
ALL = (POINT, COMMA, FRENCH, POLISH, SWISS, NO_GROUPS)
LOCALES = st.sampled_from(ALL)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=8)


def read(text: str, marks: NumberMarks) -> Decimal:
    result = parse_decimal(text, marks)
    assert isinstance(result, Parsed), result
    return result.value


def refusal(text: str, marks: NumberMarks) -> str:
    result = parse_decimal(text, marks)
    assert isinstance(result, Unreadable), result
    return result.message


@pytest.mark.parametrize(
    ("text", "marks", "value"),
    (
        ("1500", POINT, "1500"),
        ("1,500", POINT, "1500"),
        ("1.500", POINT, "1.5"),
        ("1,500.25", POINT, "1500.25"),
        ("1,234,567", POINT, "1234567"),
        (".5", POINT, "0.5"),
        ("5.", POINT, "5"),
        ("007", POINT, "7"),
        ("+5", POINT, "5"),
        ("-5", POINT, "-5"),
        ("\u22125.5", POINT, "-5.5"),
        ("-0", POINT, "0"),
        ("1,5", COMMA, "1.5"),
        ("1,50", COMMA, "1.5"),
        ("0,500", COMMA, "0.5"),
        ("1,5000", COMMA, "1.5"),
        ("1.500,00", COMMA, "1500"),
        ("1.234.567", COMMA, "1234567"),
        ("12345,678", COMMA, "12345.678"),
        ("1\u202f500,5", FRENCH, "1500.5"),
        ("1\u00a0500", FRENCH, "1500"),
        ("1\u2019500.25", SWISS, "1500.25"),
        ("1'500", SWISS, "1500"),
    ),
)
def test_numbers_are_read_with_the_marks_of_the_locale(text: str, marks: NumberMarks, value: str):
    assert read(text, marks) == Decimal(value)


@pytest.mark.parametrize("space", (" ", "\u00a0", "\u202f", "\u2009", "\t", "\n", "\u3000"))
@pytest.mark.parametrize("marks", ALL)
def test_pasted_space_around_a_number_is_dropped(space: str, marks: NumberMarks):
    assert read(f"{space}240{space}{space}", marks) == 240


@pytest.mark.parametrize("space", (" ", "\u00a0", "\u202f", "\u2009"))
@pytest.mark.parametrize("marks", ALL)
def test_space_inside_a_number_counts_only_between_groups_of_three(space: str, marks: NumberMarks):
    assert read(f"1{space}234{space}567", marks) == 1234567
    for wrong in (f"1{space}5", f"12{space}34", f"1234{space}567", f"1{space}{space}234", f"0{space}500"):
        assert "not a number" in refusal(wrong, marks)


@pytest.mark.parametrize("marks", (COMMA, FRENCH, POLISH), ids=("comma", "french", "polish"))
@pytest.mark.parametrize("text", ("1,500", "1.500", "12,345", "999.999"))
def test_where_the_comma_is_the_decimal_mark_a_lone_mark_before_three_digits_is_refused(text: str, marks: NumberMarks):
    message = refusal(text, marks)
    whole, fraction = text.replace(".", ",").split(",")
    as_decimal = f"{whole},{fraction.rstrip('0')}" if fraction.endswith("0") else f"{whole},{fraction}0"
    assert f"can be read as {as_decimal} or as {whole}{fraction}" in message


@pytest.mark.parametrize("marks", (COMMA, FRENCH, SWISS, POLISH))
@pytest.mark.parametrize("text", ("1,500", "1,234", "12.345"))
def test_both_readings_that_a_refusal_names_are_accepted_when_typed(text: str, marks: NumberMarks):
    result = parse_decimal(text, marks)
    if isinstance(result, Parsed):
        assert marks is SWISS
        return
    as_decimal, as_whole = result.message.rsplit("Write ", 1)[1].removesuffix(".").split(" or ")
    number = text.replace(",", ".")
    assert read(as_decimal, marks) == Decimal(number)
    assert read(as_whole, marks) == Decimal(number.replace(".", ""))


@pytest.mark.parametrize(
    ("text", "marks"),
    (
        ("1,50", POINT),
        ("12,34.5", POINT),
        ("1,,500", POINT),
        ("1.2.3", POINT),
        (",500", POINT),
        ("0,500", POINT),
        ("1.500,00", POINT),
        ("1,500.00", COMMA),
        ("1.50", COMMA),
        ("1.5000", COMMA),
        ("1'500", POINT),
        ("1,500", NO_GROUPS),
        (".", POINT),
        (",", COMMA),
        ("1.234 567", POINT),
    ),
)
def test_marks_in_a_wrong_place_are_refused(text: str, marks: NumberMarks):
    assert refusal(text, marks)


def test_a_foreign_decimal_mark_is_refused_with_the_way_to_write_it():
    assert refusal("0.5", COMMA).endswith("the decimal mark here is a comma. Write 0,5.")
    assert refusal("1,5", POINT).endswith("the decimal mark here is a point. Write 1.5.")
    assert refusal("1,500.00", COMMA).endswith("Write 1.500,00.") or "Write 1500" in refusal("1,500.00", COMMA)


@pytest.mark.parametrize("marks", ALL)
@pytest.mark.parametrize(
    ("text", "part"),
    (
        ("abc", "is not a number"),
        ("240 USDT", "the unit is already there"),
        ("5 %", "the unit is already there"),
        ("1e3", "has an exponent"),
        ("2E-7", "has an exponent"),
        ("NaN", "not an amount"),
        ("-Infinity", "not an amount"),
        ("inf", "not an amount"),
        ("\u221e", "not an amount"),
        ("\uff11\uff12", "digits 0 to 9"),
        ("\u0661\u0662", "digits 0 to 9"),
        ("\u00b2", "digits 0 to 9"),
        ("--5", "sign in the wrong place"),
        ("5-", "sign in the wrong place"),
        ("1-2", "sign in the wrong place"),
        ("\u2013", "is not a number"),
        ("0x10", "is not a number"),
        ("1_000", "is not a number"),
        ("$5", "is not a number"),
        ("9" * 21, "at most 20 digits"),
        ("1" + "0" * 60, "at most 20 digits"),
    ),
)
def test_what_is_no_plain_number_is_refused_with_a_sentence(text: str, part: str, marks: NumberMarks):
    message = refusal(text, marks)
    assert part in message
    assert message.endswith(".")


def test_too_many_decimals_are_refused_but_zeros_at_the_end_do_not_count():
    assert "at most 18 decimals" in refusal("0." + "0" * MAX_DECIMALS + "1", POINT)
    assert read("0.5" + "0" * 40, POINT) == Decimal("0.5")
    assert read("0" * 40 + "7", POINT) == 7
    assert read("0." + "0" * (MAX_DECIMALS - 1) + "1", POINT) == Decimal("1E-18")


@pytest.mark.parametrize("text", ("", "   ", "\u00a0", "\u200b"))
def test_nothing_is_empty_and_not_merely_wrong(text: str):
    assert parse_decimal(text, POINT) == Unreadable("Enter a number.", empty=True)


def test_a_very_long_text_is_quoted_shortened():
    assert len(refusal("x" * 5000, POINT)) < 120


@given(st.text(max_size=40), LOCALES)
@example("\u2212", POINT)
@example("+", COMMA)
@example("'", SWISS)
def test_any_text_is_either_a_finite_number_or_refused_with_a_sentence(text: str, marks: NumberMarks):
    match parse_decimal(text, marks):
        case Parsed(value):
            assert value.is_finite()
            assert abs(value) < Decimal(10) ** MAX_WHOLE_DIGITS
        case Unreadable(message):
            assert message.endswith(".")


@given(st.text(alphabet="0123456789.,' \u00a0-", max_size=14), LOCALES)
def test_the_digits_of_a_read_number_are_those_that_were_typed(text: str, marks: NumberMarks):
    result = parse_decimal(text, marks)
    if isinstance(result, Parsed):
        whole = text.rpartition(marks.decimal)[0] if marks.decimal in text else text
        typed = "".join(character for character in whole if character.isdigit()).lstrip("0")
        assert format(abs(result.value), "f").partition(".")[0].lstrip("0") == typed


@given(AMOUNTS, LOCALES, st.integers(0, 8))
def test_what_a_field_writes_is_read_back_exactly(value: Decimal, marks: NumberMarks, places: int):
    assert read(editable(value, marks, places), marks) == value


@given(AMOUNTS, st.sampled_from((POINT, SWISS, NO_GROUPS)), st.integers(0, 8))
def test_where_the_point_is_the_decimal_mark_everything_shown_is_read_back(
    value: Decimal, marks: NumberMarks, places: int
):
    shown = NumberFormat(marks).fixed(value, places)
    assert read(shown, marks) == Decimal(NumberFormat(NumberMarks(".", "")).fixed(value, places).replace("\u2212", "-"))


@given(AMOUNTS, st.sampled_from((COMMA, FRENCH, POLISH)), st.integers(0, 8))
def test_where_the_comma_is_the_decimal_mark_what_is_shown_is_read_back_or_both_readings_are_named(
    value: Decimal, marks: NumberMarks, places: int
):
    shown = NumberFormat(marks).fixed(value, places)
    result = parse_decimal(shown, marks)
    if isinstance(result, Unreadable):
        assert "can be read as" in result.message
        assume(False)
    plain = NumberFormat(NumberMarks(".", "")).fixed(value, places).replace("\u2212", "-")
    assert result == Parsed(Decimal(plain))


def test_a_field_never_writes_what_it_would_refuse():
    assert editable(Decimal("1.234"), COMMA) == "1,2340"
    assert editable(Decimal(1234), COMMA) == "1234"
    assert editable(Decimal(1234), COMMA, 2) == "1.234,00"
    assert editable(Decimal(1234), POINT, 2) == "1,234.00"
    assert editable(Decimal("-0.5"), POINT, 2) == "\u22120.50"
    assert editable(Decimal(1234), FRENCH) == "1\u202f234"
