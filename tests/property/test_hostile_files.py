"""Whatever becomes of a file: it is read whole and says what was read, or refused in words; nothing else happens."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rebalancer_gui.domain.allocation import problems_with_name, problems_with_rule, problems_with_targets, weights_by
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.errors import InvalidFile, InvalidInput
from rebalancer_gui.domain.money import plain
from rebalancer_gui.domain.plan_answer import plan_answer
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.snapshot_file import PlanSnapshot, parse_snapshot
from rebalancer_gui.domain.strategy import Basis, Level, RatioRule, StrategyParameters, TimeRule, Trigger
from rebalancer_gui.domain.strategy_file import FIELDS, parse_strategy, write_strategy
from tests.strategy_files import RATIO, TIME, snapshot, strategy

pytestmark = pytest.mark.failure(55)

MANY = settings(max_examples=10_000 if settings.default is not None and settings.default.max_examples > 1000 else 300)

assets = st.from_regex(r"[A-Z0-9]{1,15}", fullmatch=True)


def amounts(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, allow_infinity=False, places=places)


rules = st.one_of(
    st.builds(
        RatioRule,
        amounts("0.1", "50", 1),
        st.timedeltas(timedelta(seconds=1), timedelta(hours=1)),
    ),
    st.builds(
        TimeRule,
        st.integers(60, 90 * 86400).map(lambda seconds: timedelta(seconds=seconds)),
        amounts("0", "50", 1),
    ),
)
names = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
symbols = st.tuples(assets, assets).filter(lambda pair: pair[0] != pair[1]).map("/".join)
prices = amounts("0.00000001", "999999999999999", 18)
levels = st.one_of(
    st.none(),
    st.builds(lambda price, symbol: Level(Basis.PRICE, price, symbol), prices, symbols),
    st.builds(lambda percent: Level(Basis.RETURN, percent), amounts("-99.999", "100000", 3)),
)


@st.composite
def legal_parameters(draw: st.DrawFn) -> StrategyParameters:
    chosen = draw(st.lists(assets, min_size=3, max_size=11, unique=True))
    shares = draw(st.lists(amounts("0.01", "100000", 2), min_size=len(chosen) - 1, max_size=len(chosen) - 1))
    return StrategyParameters(
        name=draw(names.map(str.strip).filter(lambda name: not problems_with_name(name, ()))),
        quote=chosen[-1],
        targets=weights_by(dict(zip(chosen[:-1], shares, strict=True))),
        investment=draw(prices),
        rule=draw(rules),
        sell_all_on_stop=draw(st.booleans()),
        trigger=draw(st.none() | st.builds(Trigger, symbols, prices)),
        stop_loss=draw(levels),
        take_profit=draw(levels),
    )


@given(legal_parameters())
def test_what_is_written_is_read_again_to_the_last_digit(asked: StrategyParameters) -> None:
    found = parse_strategy(write_strategy(asked)).parameters
    assert found == asked
    assert write_strategy(found) == write_strategy(asked)


# ---------------------------------------------------------------------------------------------------------- mutations

STRATEGIES = [
    json.dumps(strategy()),
    json.dumps(
        strategy(
            {"BTC": "33.34", "ETH": "33.33", "SOL": "33.33"},
            rule=TIME,
            trigger={"symbol": "BTC/USDT", "price": "50000"},
            stop_loss={"basis": "price", "symbol": "BTC/USDT", "level": "30000"},
            take_profit={"basis": "return", "level": "150"},
        )
    ),
]
SNAPSHOTS = [json.dumps(snapshot({"BTC": "50000", "ETH": "2500"}, {"BTC": "0.1", "ETH": "3"}, cash="12.5"))]

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["1e308", "-1", "0", "99.99", "0.00000001", "9" * 40, "\ud800", "\u202e", "NaN", "BTC", "ratio", "time"]
    ),
    st.sampled_from([[], {}, [[]], [{}], {"": {}}, RATIO, TIME, {"a": [1] * 200}]),
).map(deepcopy)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in a JSON value, as the keys that lead to it."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn, sources: list[str]) -> str | bytes:
    """A legal file with one to three values, keys or bytes changed."""
    content = json.loads(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(0, 3))):
        *way, last = draw(st.sampled_from(places(content)))
        holder = content
        for key in way:
            holder = holder[key]
        change = draw(st.sampled_from(["replace", "drop", "rename", "twin"]))
        if change == "replace":
            holder[last] = draw(junk)
        elif change == "drop":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = holder.pop(last) if change == "rename" else deepcopy(holder[last])
        else:
            holder.append(deepcopy(holder[last]))
        if not content:
            break
    text = json.dumps(content, ensure_ascii=draw(st.booleans()))
    if not draw(st.booleans()):
        return text
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3) | st.sampled_from([b'"', b"{", b"}", b",", b"\\"])
        )
    return bytes(raw)


def assert_told_well(refused: InvalidFile, fields: set[str]) -> None:
    assert refused.problems
    for problem in refused.problems:
        assert problem.field in fields
        assert problem.message.isprintable()
        assert problem.message.endswith(".")


@MANY
@given(mutated(STRATEGIES))
@example(b"")
def test_a_changed_strategy_file_is_refused_in_words_or_makes_a_legal_strategy(text: str | bytes) -> None:
    try:
        found = parse_strategy(text)
    except InvalidFile as refused:
        assert_told_well(refused, set(FIELDS))
        return
    asked = found.parameters
    assert problems_with_targets(asked.targets, asked.quote) == []
    assert problems_with_rule(asked.rule) == []
    assert asked.investment > 0
    assert parse_strategy(write_strategy(asked)) == replace(found, sell_all_given=True)


@MANY
@given(mutated(SNAPSHOTS))
def test_a_changed_snapshot_is_refused_in_words_or_can_be_planned_on(text: str | bytes) -> None:
    fields = {"snapshot", "quotes", "holdings", "cash", "rules", "fee"}
    try:
        found = parse_snapshot(text)
        answer = plan_answer(parse_strategy(STRATEGIES[0]).parameters, found)
    except InvalidFile as refused:
        assert_told_well(refused, fields)
        return
    json.dumps(answer, allow_nan=False)


numbers = st.one_of(
    st.sampled_from(["0", "1", "999999999999999", "0.000000000000001", "0.00000001", "10"]),
    amounts("0", "999999999999999", 15).map(plain),
)
positive = numbers.filter(lambda text: Decimal(text) > 0)


@st.composite
def extreme_snapshots(draw: st.DrawFn) -> PlanSnapshot:
    coins = ("BTC", "ETH", "LEFT")
    quotes = {f"{coin}/USDT": {key: draw(positive) for key in ("bid", "ask", "last")} for coin in coins}
    markets = {
        f"{coin}/USDT": {
            "step": draw(numbers),
            "min_notional": draw(numbers),
            "min_quantity": draw(numbers),
            "max_quantity": "999999999999999",
        }
        for coin in coins
    }
    held = {coin: draw(numbers) for coin in coins if draw(st.booleans())}
    fee = {
        "rate": draw(st.sampled_from(["0", "0.1", "99.999999999999999999"])),
        "taken_in": draw(st.sampled_from(["received", "quote", "third"])),
    }
    content = {"quotes": quotes, "rules": markets, "holdings": held, "cash": draw(numbers), "fee": fee}
    return parse_snapshot(json.dumps(content))


@MANY
@given(extreme_snapshots(), st.none() | positive.map(Decimal), st.sampled_from([None, *RemovalMethod]))
def test_no_legal_snapshot_however_extreme_is_too_much_for_the_plan(
    portfolio: PlanSnapshot, amount: Decimal | None, method: RemovalMethod | None
) -> None:
    try:
        answer = plan_answer(parse_strategy(STRATEGIES[0]).parameters, portfolio, amount, method)
    except InvalidInput as refused:
        assert_told_well(InvalidFile((Problem(refused.field, refused.message),)), {"amount"})
        return
    figures = [answer["value"], answer["worst_drift"], answer["estimated_fees"], *answer["drifts"].values()]
    figures += [leg[key] for leg in answer["legs"] for key in ("quantity", "limit_price", "notional")]
    figures += [leg["shortfall"] for leg in answer["skipped"]]
    figures += [figure for row in answer["after"].values() for figure in row.values()]
    for figure in figures:
        assert figure is None or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", figure)
