"""What the running engine says is German from the first word to the last: journal, refusals, halts, skipped legs, files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

import languages
from rebalancer_gui.application.commands import (
    EditStrategy,
    PauseStrategy,
    RebalanceNow,
    ResumeStrategy,
    StopAll,
    StopStrategy,
)
from rebalancer_gui.domain.errors import InvalidFile
from rebalancer_gui.domain.market import MarketStatus
from rebalancer_gui.domain.orders import Side, order_words
from rebalancer_gui.domain.protection import Watch, level_words
from rebalancer_gui.domain.rails import RAILS
from rebalancer_gui.domain.strategy import (
    Basis,
    Direction,
    Level,
    RatioRule,
    StrategyParameters,
    TimeRule,
    Trigger,
)
from rebalancer_gui.domain.strategy_file import parse_strategy
from rebalancer_gui.ui.engine_texts import install_templates, said
from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.translation import Catalogue, install_catalogue
from tests.builders import d, parameters, rules_for, targets
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

_ENGLISH = re.compile(
    r"\b(the|is|are|of|to|not|and|with|were|has|have|no|must|it|by|for|at|than|this|from|be|or|which|only|its|their)\b"
)


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    known = languages.read_catalogue(languages.ROOT / languages.FOLDER / "rebalancer_de.ts")
    german: Catalogue = lambda context, text, comment, _count: next(
        iter(known.get((context, text, comment), languages.Translation()).forms), None
    )
    install_catalogue(german)
    install_templates([source for context, source, _ in known if context == "Engine"], german, NumberMarks(",", "."))
    yield
    install_catalogue(None)
    install_templates((), None, NumberMarks())


def english_left(sentences: Sequence[str]) -> dict[str, str]:
    """What of these is not German all through, and what it became."""
    told = {sentence: said(sentence) for sentence in sentences}
    return {sentence: words for sentence, words in told.items() if words == sentence or _ENGLISH.search(words)}


def venue(**options: str) -> ScriptedVenue:
    return ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"), **options)  # type: ignore[arg-type]


def calm(**kind: object) -> StrategyParameters:
    return parameters(rule=RatioRule(d(50)), **kind)  # type: ignore[arg-type]


def test_the_journal_of_a_life_with_edits_halts_and_an_end_is_german() -> None:
    async def story() -> None:
        async with Bench(venue()).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(replace(calm(), name="CORE"))
            await bench.venue.push()
            for changes in (
                {"name": "CORE 2"},
                {"rule": TimeRule(timedelta(hours=4), d(1))},
                {"stop_loss": Level(Basis.PRICE, d(80), "BTC/USDT"), "sell_all_on_stop": True},
                {"stop_loss": None, "take_profit": Level(Basis.RETURN, d("12.5"))},
                {"rule": RatioRule(d(2))},
            ):
                wanted = replace(bench.strategy(core).parameters, **changes)
                await bench.do(lambda i, wanted=wanted: EditStrategy(i, core, wanted))  # type: ignore[misc]
            await bench.venue.push(BTC="112", ETH="90")
            await bench.venue.push(BTC="112", ETH="90")
            await bench.do(lambda i: RebalanceNow(i, core))
            await bench.venue.push()
            await bench.do(lambda i: PauseStrategy(i, core))
            await bench.do(lambda i: ResumeStrategy(i, core))
            bench.venue.held["BTC"] -= d("0.5")
            for _ in range(40):
                await bench.venue.push(timedelta(seconds=30))
            bench.venue.close_market("ETH", MarketStatus.DELISTED)
            for _ in range(3):
                await bench.venue.push()
            await bench.do(StopAll)
            told = [entry for entry in bench.said() if _ENGLISH.search(entry)]
            view = bench.strategy(core)
            told += [text for text in (view.reason, view.decision) if text]
            told += [text for record in bench.rebalances for text in (record.message, record.reason) if text]
            assert len(told) > 12
            assert english_left(told) == {}

    run(story)


def test_every_refusal_is_german() -> None:
    async def story() -> None:
        async with Bench(venue(money="500")).running() as bench:
            await bench.venue.push(BTC="100", ETH="100")
            wrong = (
                parameters(investment="5000"),
                parameters(investment="0"),
                parameters(investment="12"),
                replace(calm(), name=""),
                replace(calm(), name="N" * 200),
                replace(calm(), targets=targets(BTC=60, ETH=60)),
                replace(calm(), targets=targets(BTC=100)),
                replace(calm(), targets=targets(BTC=50, XRP=50)),
                replace(calm(), rule=RatioRule(d(0))),
                replace(calm(), rule=RatioRule(d(5), timedelta(days=3))),
                replace(calm(), rule=TimeRule(timedelta(seconds=1), d(0))),
                replace(calm(), trigger=Trigger("BTC/USDT", d(100), None)),
                replace(calm(), trigger=Trigger("XRP/USDT", d(100), Direction.FALLING)),
                replace(calm(), stop_loss=Level(Basis.PRICE, d(120), "BTC/USDT")),
                replace(calm(), take_profit=Level(Basis.PRICE, d(20), "BTC/USDT")),
                replace(calm(), stop_loss=Level(Basis.RETURN, d(-100))),
            )
            told = [(await bench.refused(each)).message for each in wrong]
            core = await bench.create(replace(calm(), investment=d(100), name="CORE"))
            await bench.venue.push()
            told.append((await bench.refused(replace(calm(), investment=d(100), name="CORE"))).message)
            told.append((await bench.rejected(lambda i: ResumeStrategy(i, core))).message)
            told.append((await bench.rejected(lambda i: StopStrategy(i, "s-none", sell_all=True))).message)
            edit = replace(bench.strategy(core).parameters, rule=RatioRule(d(90)))
            told.append((await bench.rejected(lambda i: EditStrategy(i, core, edit))).message)
            assert english_left(told) == {}

    run(story)


def test_what_is_wrong_with_a_file_is_german_line_by_line() -> None:
    text = (
        '{"format": "rebalancer-strategy", "version": 1, "name": 7, "quote": "usdt", "coins": [{"asset": "btc"}, 5],'
        ' "investment": 5, "rule": {"kind": "moon"}, "trigger": 5, "stop_loss": {"basis": "luck"}, "more": true}'
    )
    with pytest.raises(InvalidFile) as refused:
        parse_strategy(text)
    told = [problem.message for problem in refused.value.problems]

    assert len(told) > 6
    assert english_left(told) == {}


def test_every_rail_and_every_level_is_said_in_german() -> None:
    told = [text for info in RAILS.values() for text in (info.title, info.reason)]
    told.append(level_words(Watch.TAKE_PROFIT, Level(Basis.RETURN, d("12.5")), "USDT"))

    assert english_left(told) == {}


def test_every_number_of_a_german_sentence_has_the_comma():
    """A full stop behind a place is no part of a number, and one of two ways that are joined by "or" is translated alone."""
    english = (
        "Short of the smallest order: BTC 1.17 USDT, ETH 1.17 USDT. With a threshold of 2.5 % or 76.40 USDT more in the strategy "
        "at least one order can be sent."
    )
    assert re.findall(r"\d[\d.,]*\d", said(english)) == ["1,17", "1,17", "2,5", "76,40"]


def test_an_order_inside_a_sentence_is_german_too():
    told = (
        "An order that was proven absent turned up at the exchange "
        f"({order_words(Side.SELL, d('0.0415'), 'BTC/USDT')}). What it traded is booked. Look at the orders before it goes on."
    )
    assert "(Verkauf von 0,0415 BTC/USDT)" in said(told)
    refused = f"The exchange refused to {order_words(Side.BUY, d('2'), 'ETH/USDT')}: no money. Nothing was traded by this order."
    assert "Kauf von 2 ETH/USDT" in said(refused)
