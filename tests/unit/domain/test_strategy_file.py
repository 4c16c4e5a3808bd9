"""The strategy file: what it says, what is refused and under which field, and the way back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.domain.errors import InvalidFile
from rebalancer_gui.domain.strategy import BandRule, Basis, Direction, Level, RatioRule, Target, TimeRule, Trigger
from rebalancer_gui.domain.strategy_file import FIELDS, parse_strategy, write_strategy
from tests.builders import d, parameters, targets
from tests.strategy_files import RATIO, TIME, strategy, strategy_text

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "files.md"


def examples() -> list[str]:
    return re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def faults(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFile) as caught:
        parse_strategy(text)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def fields(text: str | bytes) -> list[str]:
    return [field for field, _ in faults(text)]


def without(key: str, content: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in content.items() if name != key}


# ------------------------------------------------------------------------------------------------------- what it says


def test_the_documented_examples_are_read_as_the_page_says():
    core, timed = (parse_strategy(text) for text in examples()[:2])
    assert core.sell_all_given
    assert core.parameters == parameters(
        name="Core 4", investment="1000", rule=RatioRule(d(5), timedelta(seconds=2)), BTC=40, ETH=60
    )
    assert timed.parameters.name == "BTC ETH BNB"
    assert timed.parameters.rule == TimeRule(timedelta(days=7), d("0.5"))
    assert timed.parameters.trigger == Trigger("BTC/USDT", d(50000))
    assert timed.parameters.stop_loss == Level(Basis.RETURN, d(-20))
    assert timed.parameters.take_profit == Level(Basis.PRICE, d(9000), "ETH/USDT")
    assert timed.parameters.sell_all_on_stop


@pytest.mark.parametrize("empty", [..., None], ids=["missing", "null"])
def test_what_is_optional_takes_its_default_whether_it_is_missing_or_null(empty: object) -> None:
    optional = dict.fromkeys(("name", "trigger", "stop_loss", "take_profit", "sell_all_on_stop", "destination"), empty)
    found = parse_strategy(strategy_text(rule={"kind": "ratio", "threshold": "5"}, **optional))
    assert not found.sell_all_given
    assert found.parameters == parameters(name="BTC ETH", rule=RatioRule(d(5), timedelta(seconds=2)), BTC=40, ETH=60)
    by_time = parse_strategy(strategy_text(rule={"kind": "time", "interval_seconds": 60}))
    assert by_time.parameters.rule == TimeRule(timedelta(minutes=1), d("0.5"))


@pytest.mark.parametrize("sell_all", [True, False])
def test_what_stop_does_with_the_coins_is_given_only_where_the_file_says_it(sell_all: bool) -> None:
    found = parse_strategy(strategy_text(sell_all_on_stop=sell_all))
    assert found.sell_all_given
    assert found.parameters.sell_all_on_stop is sell_all


def test_a_name_loses_the_blanks_around_it_and_may_be_in_any_script():
    assert parse_strategy(strategy_text(name="  Kern – Ядро 核心 ❤️ ")).parameters.name == "Kern – Ядро 核心 ❤️"


def test_seconds_and_the_version_may_be_numbers_or_texts():
    rule = {"kind": "ratio", "threshold": "5", "check_seconds": "1.5"}
    found = parse_strategy(strategy_text(version="1", rule=rule))
    assert found.parameters.rule == RatioRule(d(5), timedelta(seconds=1.5))


@pytest.mark.parametrize(
    "encode", [str, str.encode, lambda text: text.encode("utf-8-sig"), lambda text: "\ufeff" + text]
)
def test_a_text_is_read_with_and_without_a_byte_order_mark(encode) -> None:
    assert parse_strategy(encode(strategy_text(name="Ядро"))).parameters.name == "Ядро"


# ------------------------------------------------------------------------------------------------------- the way back


@pytest.mark.parametrize(
    "asked",
    [
        parameters(),
        parameters(name='A "quoted" \\ name', rule=TimeRule(timedelta(days=90), d(0)), A="0.01", B="99.99"),
        replace(
            parameters(rule=RatioRule(d("0.1"), timedelta(seconds=1.5)), investment="0.000000000000000001"),
            trigger=Trigger("BNB/BTC", d("0.00000001")),
            stop_loss=Level(Basis.RETURN, d("-99.999")),
            take_profit=Level(Basis.PRICE, d("999999999999999"), "BTC/USDT"),
            sell_all_on_stop=True,
        ),
    ],
)
def test_what_is_written_is_read_again_as_the_same(asked) -> None:
    found = parse_strategy(write_strategy(asked))
    assert (found.parameters, found.sell_all_given) == (asked, True)


def test_the_direction_of_a_trigger_stays_behind_it_is_fixed_where_the_strategy_is_created():
    asked = replace(parameters(), trigger=Trigger("BTC/USDT", d(50000), Direction.RISING))
    assert parse_strategy(write_strategy(asked)).parameters.trigger == Trigger("BTC/USDT", d(50000), None)


@pytest.mark.parametrize(
    ("worth", "written"), [("1234.5678", "1234.56"), ("0.009", "0.01"), ("0", "0.01"), ("-5", "0.01")]
)
def test_a_strategy_started_with_coins_alone_is_written_with_what_they_were_worth(worth: str, written: str) -> None:
    alone = parameters(investment="0")
    assert parse_strategy(write_strategy(alone, d(worth))).parameters == replace(alone, investment=d(written))
    assert parse_strategy(write_strategy(parameters(), d(worth))).parameters == parameters()


def test_a_written_file_has_the_documented_keys_in_their_order_and_plain_numbers():
    asked = parameters(investment="1E+3", rule=RatioRule(Decimal("5.0")), BTC="4E+1", ETH="60.00")
    written = json.loads(write_strategy(asked))
    assert list(written) == list(json.loads(examples()[0]))
    assert written["investment"] == "1000"
    assert written["coins"] == [{"asset": "BTC", "weight": "40"}, {"asset": "ETH", "weight": "60"}]
    assert written["rule"] == {"kind": "ratio", "threshold": "5", "check_seconds": 2}


# ------------------------------------------------------------------------------------------------- what is not legal


@pytest.mark.parametrize(
    ("key", "field"),
    [("format",) * 2, ("version",) * 2, ("quote",) * 2, ("coins",) * 2, ("investment",) * 2, ("rule",) * 2],
)
def test_what_is_required_is_asked_for_with_what_it_must_be(key: str, field: str) -> None:
    [(found, message)] = faults(strategy_text(**{key: ...}))
    assert found == field
    assert message.startswith(f'"{key}" is missing: it must be ')


@pytest.mark.parametrize(
    ("rule", "field", "says"),
    [
        (without("kind", RATIO), "rule", '"kind" is missing'),
        (
            RATIO | {"kind": "random"},
            "rule",
            '"kind" must be "ratio" (by coin ratio), "time" or "band" (auto band), not the text "random"',
        ),
        (without("threshold", RATIO), "threshold", "is missing"),
        (RATIO | {"threshold": "0"}, "threshold", "0.1 to 50 % in steps of 0.1"),
        (RATIO | {"threshold": "51"}, "threshold", "0.1 to 50 % in steps of 0.1"),
        (RATIO | {"threshold": "0.55"}, "threshold", "0.1 to 50 % in steps of 0.1"),
        (RATIO | {"threshold": 5}, "threshold", "in quotation marks"),
        (RATIO | {"check_seconds": 0}, "check_period", "between 1 second and 1 hour"),
        (RATIO | {"check_seconds": 3601}, "check_period", "between 1 second and 1 hour"),
        (RATIO | {"check_seconds": 2.5}, "check_period", "not the number 2.5"),
        (RATIO | {"check_seconds": True}, "check_period", "not true"),
        (RATIO | {"check_seconds": "1.0000001"}, "check_period", "at most 6 digits after the point"),
        (RATIO | {"gate": "0.5"}, "rule", 'Not known here: "gate". The keys are kind, threshold, check_seconds.'),
        (without("interval_seconds", TIME), "interval", "is missing"),
        (TIME | {"interval_seconds": 59}, "interval", "between 1 minute and 90 days"),
        (TIME | {"interval_seconds": 7776001}, "interval", "between 1 minute and 90 days"),
        (TIME | {"interval_seconds": "999999999999999"}, "interval", "between 1 minute and 90 days"),
        (TIME | {"interval_seconds": -604800}, "interval", "between 1 minute and 90 days"),
        (TIME | {"interval_seconds": "60.5"}, "interval", "in whole seconds"),
        (TIME | {"gate": "50.1"}, "gate", "0 to 50 % in steps of 0.1"),
        (TIME | {"gate": "-0.1"}, "gate", "0 to 50 % in steps of 0.1"),
        ("ratio", "rule", "must be an object such as"),
        ([RATIO], "rule", "not an array"),
    ],
)
def test_a_rule_that_is_not_legal_is_refused_under_its_field(rule: object, field: str, says: str) -> None:
    [(found, message)] = faults(strategy_text(rule=rule))
    assert found == field
    assert says in message


@pytest.mark.rule("12.6")
@pytest.mark.parametrize(
    ("weights", "field", "says"),
    [
        ({"BTC": "40", "ETH": "59.99"}, "weights", "add up to 99.99 %, not to 100 %"),
        ({"BTC": "40", "ETH": "60.01"}, "weights", "add up to 100.01 %, not to 100 %"),
        ({"BTC": "100"}, "coins", "1 coin: a strategy holds 2 to 10 coins"),
        ({f"C{i}": "1" for i in range(11)}, "coins", "11 coins: a strategy holds 2 to 10 coins"),
        ({f"C{i}": "0.5" for i in range(200)}, "coins", "200 coins: a strategy holds 2 to 10 coins"),
        ({"BTC": "40", "USDT": "60"}, "coins", "USDT is the strategy's money, not a coin."),
    ],
)
def test_coins_and_weights_that_make_no_strategy_are_refused(weights: dict[str, str], field: str, says: str) -> None:
    [(found, message)] = faults(strategy_text(weights))
    assert found == field
    assert says in message


@pytest.mark.rule("12.6")
def test_a_coin_that_stands_there_twice_is_refused():
    twice = [{"asset": "BTC", "weight": "50"}, {"asset": "BTC", "weight": "50"}]
    [(field, message)] = faults(strategy_text(coins=twice))
    assert field == "coins"
    assert "BTC is there twice" in message


@pytest.mark.parametrize(
    ("coin", "field", "says"),
    [
        ("BTC", "coins", "Coin 2 must be an object such as"),
        ({"asset": "ETH"}, "weights", 'Coin 2: "weight" is missing'),
        ({"weight": "60"}, "coins", 'Coin 2: "asset" is missing'),
        ({"asset": "ETH", "weight": 60}, "weights", "not the number 60"),
        ({"asset": "ETH", "weight": "60", "cap": "1"}, "coins", 'Coin 2: Not known here: "cap"'),
        ({"asset": "eth", "weight": "60"}, "coins", '1 to 15 capital letters A-Z and digits, not the text "eth"'),
        ({"asset": "A" * 16, "weight": "60"}, "coins", "1 to 15"),
        ({"asset": "", "weight": "60"}, "coins", "1 to 15"),
        ({"asset": "ЕТН", "weight": "60"}, "coins", "A-Z"),
        ({"asset": "ETH\u202e", "weight": "60"}, "coins", r"ETH\u202e"),
        ({"asset": "E\u200bTH", "weight": "60"}, "coins", r"E\u200bTH"),
        ({"asset": "ETH\n", "weight": "60"}, "coins", r"ETH\n"),
        ({"asset": "ETH\ud800", "weight": "60"}, "coins", r"ETH\ud800"),
        ({"asset": "E٣", "weight": "60"}, "coins", "A-Z"),
    ],
)
def test_a_coin_that_is_none_is_refused_by_its_number(coin: object, field: str, says: str) -> None:
    [(found, message)] = faults(strategy_text(coins=[{"asset": "BTC", "weight": "40"}, coin]))
    assert found == field
    assert says in message


@pytest.mark.parametrize(
    "number",
    ["0", "-1000", "", " 5", "5 ", "+5", "5.", ".5", "05", "1e3", "1E3", "1e308", "1e-400", "NaN", "Infinity", "-inf", "1,000", "1_000",
     "٣", "１０", "0x10", "1000\n", "9" * 16, "1." + "0" * 19, "−5", "5\u200b", "null"],
)  # fmt: skip
def test_an_investment_that_is_no_plain_number_above_0_is_refused(number: str) -> None:
    [(field, message)] = faults(strategy_text(investment=number))
    assert field == "investment"
    assert "above 0" in message or 'in quotation marks and plain notation, such as "1000"' in message


@pytest.mark.parametrize("wrong", [1000, 10.5, True, [], {}, ["1000"], {"amount": "1000"}])
def test_an_investment_of_another_type_is_refused(wrong: object) -> None:
    assert fields(strategy_text(investment=wrong)) == ["investment"]


@pytest.mark.parametrize(
    "name",
    ["", "   ", "n" * 41, "a\nb", "a\tb", "a\x1bb", "a\x7fb", "safe\u202egnp", "a\u200bb", "a\u200db", "a\u2066b", "a\ufeffb", "a\u00adb",
     "a\ud800b", "a\u3164b", "\u2800", "a\u2028b", "a\u00a0b", 7, True, ["x"], {}],
)  # fmt: skip
def test_a_name_with_anything_invisible_or_none_at_all_is_refused(name: object) -> None:
    assert fields(strategy_text(name=name)) == ["name"]


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("trigger", {"symbol": "BTC/USDT"}, '"price" is missing'),
        ("trigger", {"price": "5"}, '"symbol" is missing'),
        ("trigger", {"symbol": "BTCUSDT", "price": "5"}, 'a symbol such as "BTC/USDT", not the text "BTCUSDT"'),
        ("trigger", {"symbol": "BTC/BTC", "price": "5"}, "a symbol such as"),
        ("trigger", {"symbol": "BTC/USDT/X", "price": "5"}, "a symbol such as"),
        ("trigger", {"symbol": "BTC/USDT", "price": "0"}, "The trigger price must be above 0."),
        ("trigger", {"symbol": "BTC/USDT", "price": 5}, "not the number 5"),
        ("trigger", {"symbol": "BTC/USDT", "price": "5", "direction": ">="}, 'Not known here: "direction"'),
        ("trigger", "BTC/USDT", "null or an object such as"),
        ("trigger", False, "null or an object such as"),
        ("stop_loss", {"level": "-5"}, '"basis" is missing'),
        ("stop_loss", {"basis": "volume", "level": "-5"}, '"basis" must be "price" or "return"'),
        ("stop_loss", {"basis": "return", "level": "-100"}, "must be above -100 %"),
        ("stop_loss", {"basis": "return", "symbol": "BTC/USDT", "level": "-5"}, 'Not known here: "symbol"'),
        ("stop_loss", {"basis": "price", "level": "5"}, '"symbol" is missing'),
        ("take_profit", {"basis": "price", "symbol": "BTC/USDT", "level": "-5"}, "price must be above 0"),
        ("take_profit", {"basis": "return"}, '"level" is missing'),
        ("take_profit", {"basis": "return", "level": "1e308"}, "plain notation"),
    ],
)
def test_a_level_that_no_market_could_make_right_is_refused(key: str, value: object, says: str) -> None:
    [(field, message)] = faults(strategy_text(**{key: value}))
    assert field == key
    assert says in message


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"format": "binance-bot"}, "format", 'must be "rebalancer-strategy", not the text "binance-bot"'),
        ({"format": 1}, "format", "not the number 1"),
        ({"version": 2}, "version", "Version 2 is not known, a newer program wrote this file"),
        ({"version": 0}, "version", "Version 0 is not known"),
        ({"version": "x"}, "version", 'not the text "x"'),
        ({"version": True}, "version", "not true"),
        ({"version": 1.0}, "version", "not the number 1.0"),
        ({"sell_all_on_stop": "yes"}, "format", '"sell_all_on_stop" must be true or false, not the text "yes"'),
        ({"sell_all_on_stop": 1}, "format", "not the number 1"),
        ({"destination": "band"}, "format", '"destination" must be "target", not the text "band"'),
        ({"api_url": "https://example.org"}, "format", 'Not known here: "api_url".'),
        ({"live": True}, "format", 'Not known here: "live".'),
        ({"Name": "x"}, "format", 'Not known here: "Name".'),
        ({"max_order": "1", "": 1, "\u202e": 2}, "format", r'"max_order", "", "\u202e"'),
        ({"quote": "usdt"}, "quote", "capital letters"),
    ],
)
def test_what_concerns_the_file_as_a_whole_stands_under_format_or_version(
    changed: dict[str, object], field: str, says: str
) -> None:
    [(found, message)] = faults(strategy_text(**changed))
    assert found == field
    assert says in message


def test_a_file_of_another_version_is_not_judged_by_the_rules_of_this_one():
    assert fields(strategy_text(version=2, coins="many", hosts=["x"])) == ["version"]


def test_all_faults_are_told_at_once_in_the_order_of_the_form_one_line_each():
    text = strategy_text(
        {"btc": "40", "ETH": "x"}, name="", investment="0", rule=RATIO | {"threshold": "0"}, extra=1, trigger=5,
        stop_loss=5, take_profit=5, quote="", version="1.5.2",
    )  # fmt: skip
    found = fields(text)
    assert found == [
        "format", "version", "name", "quote", "coins", "weights", "investment", "threshold", "trigger", "stop_loss",
        "take_profit",
    ]  # fmt: skip
    assert set(found) <= set(FIELDS)
    with pytest.raises(InvalidFile) as caught:
        parse_strategy(text)
    lines = f"{caught.value.field}: {caught.value.message}".splitlines()
    assert [line.partition(":")[0] for line in lines] == found


def test_the_helper_of_these_tests_makes_a_legal_file():
    assert (
        parse_strategy(json.dumps(strategy())).parameters.targets
        == targets(BTC=40, ETH=60)
        == (
            Target("BTC", d(40)),
            Target("ETH", d(60)),
        )
    )


@pytest.mark.parametrize(("rule", "seconds"), [({"kind": "band"}, 2), ({"kind": "band", "check_seconds": 60}, 60)])
def test_an_auto_band_has_a_check_period_only(rule: dict[str, object], seconds: int) -> None:
    found = parse_strategy(strategy_text(rule=rule)).parameters
    assert found.rule == BandRule(timedelta(seconds=seconds))
    written = json.loads(write_strategy(found))
    assert written["rule"] == {"kind": "band", "check_seconds": seconds}
