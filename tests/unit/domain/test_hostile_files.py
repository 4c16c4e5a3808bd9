"""Files made to do harm: refused whole, in plain words, in no time, by every reader of JSON from outside."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable

import pytest

from rebalancer_gui.domain.errors import InvalidFile
from rebalancer_gui.domain.hostile_json import MAX_BYTES, MAX_DEPTH
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.snapshot_file import parse_snapshot
from rebalancer_gui.domain.strategy_file import parse_strategy
from tests.strategy_files import snapshot, snapshot_text, strategy, strategy_text

pytestmark = pytest.mark.failure(55)

Reader = Callable[[str | bytes], object]
READERS = [(parse_strategy, "format"), (parse_snapshot, "snapshot")]
LEGAL: dict[Reader, str] = {parse_strategy: strategy_text(), parse_snapshot: snapshot_text({"BTC": "5"}, {"BTC": "1"})}
SECONDS = 5
"""Of processor time. What is linear takes a tenth of one, what is not takes minutes."""


def faults(read: Reader, text: str | bytes) -> tuple[Problem, ...]:
    began = time.process_time()
    with pytest.raises(InvalidFile) as caught:
        read(text)
    assert time.process_time() - began < SECONDS
    for problem in caught.value.problems:
        assert problem.message.isprintable(), "a message would change what the terminal shows"
        assert len(problem.message) < 500
    return caught.value.problems


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("strategy.json", "0" * 10_000_000)
    return packed.getvalue()


WHOLE_FILES: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "The file is empty"),
    "nothing but a byte order mark": (b"\xef\xbb\xbf", "The file is empty"),
    "blanks": (" \n\t ", "The file is empty"),
    "an archive": (zipped(), "not a text"),
    "the first bytes of an archive": (b"PK\x03\x04 and so on", "an archive"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a text in UTF-8"),
    "a database": (b"SQLite format 3\0" + bytes(100), "not a text"),
    "UTF-16": (strategy_text().encode("utf-16"), "not a text in UTF-8"),
    "UTF-32": (strategy_text().encode("utf-32-le"), "not a text"),
    "Latin-1": (strategy_text(name="K\u00e4se").replace("\\u00e4", "\u00e4").encode("latin-1"), "not a text in UTF-8"),
    "an overlong encoding": (b'{"format": "\xc0\xae"}', "not a text in UTF-8"),
    "a surrogate in UTF-8": (b'{"format": "\xed\xa0\x80"}', "not a text in UTF-8"),
    "a text with half a character": ('{"format": "\ud800"}', "not a text in UTF-8"),
    "an array": ("[]", "it holds an array"),
    "an array of strategies": (f"[{strategy_text()}]", "it holds an array"),
    "a text": ('"rebalancer-strategy"', "it holds the text"),
    "a number": ("1", "it holds the number 1"),
    "no number": ("NaN", "it holds the number NaN"),
    "null": ("null", "it holds null"),
    "true": ("true", "it holds true"),
    "cut off": (strategy_text()[:-1], "not JSON"),
    "two objects": (strategy_text() * 2, "not JSON"),
    "a comment": ("// mine\n" + strategy_text(), "not JSON"),
    "a comma too many": (strategy_text()[:-1] + ",}", "not JSON"),
    "single quotation marks": (strategy_text().replace('"', "'"), "not JSON"),
    "a line break in a text": ('{"name": "a\nb"}', "not JSON"),
    "a control character in a text": ('{"name": "a\x1b[2Jb"}', "not JSON"),
    "Python": ("__import__('os').system('true')", "not JSON"),
    "YAML": ("format: !!python/object/apply:os.system [true]", "not JSON"),
    "HTML": ("<!doctype html><title>Sign in</title>", "not JSON"),
    "a byte too large": (strategy_text() + " " * (MAX_BYTES - len(strategy_text()) + 1), "larger than 1 MB"),
    "10 MB": (b" " * 10_000_000, "larger than 1 MB"),
    "too large in bytes, not in characters": ('{"name": "' + "\u20ac" * 400_000 + '"}', "larger than 1 MB"),
    "a level too deep": ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "deeper than 32 levels"),
    "100,000 arrays": ("[" * 100_000 + "]" * 100_000, "deeper than 32 levels"),
    "100,000 objects": ('{"a":' * 100_000 + "1" + "}" * 100_000, "deeper than 32 levels"),
    "objects and arrays by turns": ('[{"a":' * 50_000, "deeper than 32 levels"),
    "depth behind a quotation mark that is escaped": ('{"a": "\\"", "b": ' + "[" * 999, "deeper than 32 levels"),
    "depth behind brackets that close too much": ("]" * 50_000 + "[" * 99_999, "deeper than 32 levels"),
    "quotation marks": ('"\\"' * 300_000, "not JSON"),
    "a text without end": ('{"a":"' + '\\"' * 490_000, "not JSON"),
    "backslashes": ('{"a":"' + "\\" * 900_001, "not JSON"),
    "half an escape": ('{"a": "\\ud8"}', "not JSON"),
}


@pytest.mark.parametrize(("read", "field"), READERS)
@pytest.mark.parametrize("name", WHOLE_FILES)
def test_what_is_no_such_file_is_refused_as_a_whole_with_its_reason(name: str, read: Reader, field: str) -> None:
    text, says = WHOLE_FILES[name]
    [problem] = faults(read, text)
    assert problem.field == field
    assert says in problem.message


@pytest.mark.parametrize(("read", "field"), READERS)
def test_brackets_within_a_text_are_no_depth_and_1_MB_is_not_too_much(read: Reader, field: str) -> None:
    long = LEGAL[read].replace("{", '{"' + "[{" * 200_000 + '": 1, ', 1)
    full = long + " " * (MAX_BYTES - len(long))
    [problem] = faults(read, full)
    assert problem.field == field
    assert problem.message.startswith('Not known here: "[{[{')


@pytest.mark.parametrize(("read", "field"), READERS)
def test_as_many_levels_as_are_legal_are_read(read: Reader, field: str) -> None:
    deep = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    [problem] = faults(read, LEGAL[read].replace("{", f'{{"deep": {deep}, ', 1))
    assert (problem.field, "Not known here" in problem.message) == (field, True)


@pytest.mark.parametrize(("read", "field"), READERS)
@pytest.mark.parametrize("depth", [0, 1])
def test_a_key_that_stands_twice_is_refused_by_its_name_at_every_depth(read: Reader, field: str, depth: int) -> None:
    inner = '{"a\\u202e": 1, "a\\u202e": 1}'
    text = LEGAL[read].replace("{", '{"x": 1, "x": 1, ' if depth == 0 else f'{{"deep": [{inner}], ', 1)
    [problem] = faults(read, text)
    assert problem.field == field
    assert problem.message.endswith('twice there: "x".' if depth == 0 else 'twice there: "a\\u202e".')


@pytest.mark.parametrize(("read", "field"), READERS)
def test_of_very_many_unknown_keys_a_few_are_named(read: Reader, field: str) -> None:
    many = ", ".join(f'"key{i}": 1' for i in range(60_000))
    [problem] = faults(read, LEGAL[read].replace("{", f"{{{many}, ", 1))
    assert problem.field == field
    assert '"key0", "key1"' in problem.message
    assert "and 59995 more" in problem.message


NUMBERS = {
    "a million digits": "9" * 900_000,
    "a million places": "0." + "1" * 900_000,
    "1e308": "1e308",
    "an exponent of a million digits": "1e" + "9" * 900_000,
    "a tiny one": "1e-999999",
    "5,000 digits": "1" * 5_000,
    "no number": "NaN",
    "Infinity": "Infinity",
    "minus infinity": "-Infinity",
}


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_none_or_without_end_is_refused_under_its_field(name: str, quoted: bool) -> None:
    number = f'"{NUMBERS[name]}"' if quoted else NUMBERS[name]
    marks: dict[str, dict[str, object]] = {
        "investment": {"investment": "@"},
        "weights": {"coins": [{"asset": "BTC", "weight": "40"}, {"asset": "ETH", "weight": "@"}]},
        "threshold": {"rule": {"kind": "ratio", "threshold": "@"}},
        "check_period": {"rule": {"kind": "ratio", "threshold": "5", "check_seconds": "@"}},
        "interval": {"rule": {"kind": "time", "interval_seconds": "@"}},
        "trigger": {"trigger": {"symbol": "BTC/USDT", "price": "@"}},
        "version": {"version": "@"},
    }
    for field, changed in marks.items():
        text = json.dumps(strategy() | changed).replace('"@"', number)
        assert [problem.field for problem in faults(parse_strategy, text)] == [field]
    for field in ("quotes", "holdings", "cash", "rules", "fee"):
        assert {problem.field for problem in faults(parse_snapshot, snapshot_with(field, number))} == {field}


def snapshot_with(field: str, number: str) -> str:
    """A snapshot with ``number`` (JSON) at one place of ``field``."""
    symbol, rule = "BTC/USDT", {"step": "1", "min_notional": "@"}
    marked: dict[str, object] = {
        "quotes": {symbol: {"bid": "5", "ask": "@", "last": "5"}},
        "holdings": {"BTC": "@"},
        "cash": "@",
        "rules": {symbol: rule},
        "fee": {"rate": "@"},
    }
    return json.dumps(snapshot({"BTC": "5"}, {}) | {field: marked[field]}).replace('"@"', number)


def test_a_list_of_thousands_of_coins_is_counted_and_not_told_one_by_one():
    coins = [{"asset": "B", "weight": "1"}] * 25_000
    [problem] = faults(parse_strategy, strategy_text(coins=coins))
    assert problem.message == "25000 coins: a strategy holds 2 to 10 coins."


def test_what_stands_in_a_file_is_never_printed_as_it_is():
    evil = "\x1b[31m\u202eexe.\u200b" + "x" * 10_000
    [problem] = faults(parse_strategy, strategy_text(**{evil: 1}))
    assert r'"\x1b[31m\u202eexe.\u200bxxx' in problem.message
    [problem] = faults(parse_strategy, strategy_text(quote=evil))
    assert problem.field == "quote"
