"""Cards by other weightings, from the right coin, over the account's own closes; own presets through the engine."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.application.candle_port import CandleAnswer, CandleQuestion, Pauses, Told
from rebalancer_gui.application.caps_port import CapsState
from rebalancer_gui.application.commands import LoadMarketCaps
from rebalancer_gui.application.events import CommandDone, CommandRejected, MarketCapsReady, PresetsReady
from rebalancer_gui.application.preset_closes import CandleCloses
from rebalancer_gui.application.preset_commands import DeletePreset, RefreshMarketCaps, RenamePreset, SavePreset
from rebalancer_gui.application.preset_port import PresetSide
from rebalancer_gui.application.presets import build_card
from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.errors import InvalidInput, VenueUnavailable
from rebalancer_gui.domain.preset_file import own_preset
from rebalancer_gui.domain.presets import PresetDefinition, Weighting
from rebalancer_gui.domain.strategy import RatioRule, Target
from rebalancer_gui.resources_path import resource_dir
from tests.builders import NOON, d, quotes, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

DAY = timedelta(days=1)
PRICES = {"BTC": "20000", "ETH": "1500", "XRP": "0.5"}
TARGETS = (Target("BTC", d(70)), Target("ETH", d(30)))


class Caps:
    """BTC is 81 times XRP; ``prices`` are what the source thinks a coin costs."""

    attribution = "Data provided by CoinGecko"

    def __init__(self, **prices: str) -> None:
        self.prices = prices
        self.known = {"BTC": d(8100), "ETH": d(900), "XRP": d(100)}

    def market_caps(self, assets: Sequence[str], at: datetime) -> Mapping[str, Decimal]:
        return {a: self.known[a] for a in assets if a in self.known}

    def price(self, asset: str, at: datetime) -> Decimal | None:
        return d(self.prices[asset]) if asset in self.prices else None

    def as_of(self, at: datetime) -> date | None:
        return at.date()

    def closes(self, asset: str, at: datetime, days: int) -> Sequence[Decimal]:
        return ()


def preset(weighting: Weighting, take: int = 3) -> PresetDefinition:
    rule = RatioRule(d(5))
    return PresetDefinition(
        "p", "Pick", "Test", ("XRP", "ETH", "BTC"), date(2024, 3, 30), "by hand", take, d(0), rule,
        sell_all_on_stop=True, weighting=weighting,
    )  # fmt: skip


def card(chosen: PresetDefinition, caps: Caps | None, prices: Mapping[str, str] = PRICES) -> PresetCard:
    rules = rules_for("BTC", "ETH", "XRP", min_notional="5")
    return build_card(chosen, quote="USDT", rules=rules, quotes=quotes(prices), caps=caps, at=NOON)


def weights(found: PresetCard) -> dict[str, Decimal]:
    return {target.asset: target.weight for target in found.targets}


@pytest.mark.rule("9.1", "9.2")
def test_weights_go_by_cap_by_its_square_root_or_are_equal_and_add_up_to_100() -> None:
    assert weights(card(preset(Weighting.CAP), Caps())) == {"BTC": d("89.01"), "ETH": d("9.89"), "XRP": d("1.10")}
    assert weights(card(preset(Weighting.SQRT_CAP), Caps())) == {"BTC": d("69.23"), "ETH": d("23.08"), "XRP": d("7.69")}
    equal = card(preset(Weighting.EQUAL, take=2), Caps())
    assert weights(equal) == {"BTC": d(50), "ETH": d(50)}
    assert equal.by_caps
    assert equal.source == Caps.attribution


def test_without_caps_equal_weights_of_a_whole_list_stand_and_those_that_need_caps_do_not() -> None:
    whole = card(preset(Weighting.EQUAL), None)
    assert sorted(weights(whole)) == ["BTC", "ETH", "XRP"]
    assert (whole.unusable, whole.by_caps, whole.source, whole.as_of) == ("", False, "", None)
    # Which are the two largest is never guessed.
    assert "no source of market caps" in card(preset(Weighting.EQUAL, take=2), None).unusable
    assert "no source of market caps" in card(preset(Weighting.SQRT_CAP), None).unusable


def test_fixed_weights_need_no_caps_and_keep_their_proportions_when_a_coin_does_not_trade() -> None:
    targets = (*TARGETS[:1], Target("ETH", d(10)), Target("SOL", d(20)))
    mine = own_preset("own-m", "M", targets, Weighting.FIXED, RatioRule(), sell_all_on_stop=False, made=NOON.date())
    found = card(mine, None)
    assert weights(found) == {"BTC": d("87.50"), "ETH": d("12.50")}
    assert found.missing == ("SOL",)
    assert found.own


@pytest.mark.rule("9.8")
def test_a_coin_of_the_same_ticker_at_another_price_is_another_coin_and_left_out() -> None:
    found = card(preset(Weighting.CAP), Caps(BTC="20100", ETH="3.2", XRP="0.26"))
    assert sorted(weights(found)) == ["BTC", "XRP"]
    assert found.doubtful == ("ETH",)
    assert found.missing == ("ETH",)
    # Money that is no dollar tells nothing, and neither does a market without a price.
    assert sorted(weights(card(preset(Weighting.CAP), Caps(ETH="3.2"), {"BTC": "20000"}))) == ["BTC", "ETH", "XRP"]


class Candles:
    """Daily bars out of the demo's rows, each shifted onto the bar whose close it is; ``shift`` breaks that."""

    def __init__(self, history: DailyHistory, shift: timedelta = DAY) -> None:
        self.history, self.shift = history, shift
        self.asked: list[str] = []
        self.wrong: VenueUnavailable | None = None

    def timeframes(self) -> tuple[timedelta, ...]:
        return (DAY,)

    async def load(self, question: CandleQuestion, told: Told, pauses: Pauses) -> CandleAnswer:
        self.asked += question.symbols
        if self.wrong is not None:
            raise self.wrong
        found = {}
        for symbol in question.symbols:
            opened, prices = array("q"), array("d")
            for number in range((question.until - question.since) // DAY + 1):
                at = question.since + number * DAY
                close = self.history.price(symbol.partition("/")[0], (at + self.shift).date())
                if close is not None and at < question.until:
                    opened.append(int(at.timestamp()))
                    prices.append(float(close))
            found[symbol] = CandleSeries(symbol, DAY, opened, prices, prices, prices, prices, prices)
        return CandleAnswer(found, "the exchange")


class NoPauses:
    pause = ""

    def hold(self, span: timedelta) -> None:
        raise AssertionError("nobody asked for a pause")


@pytest.mark.rule("9.4", "9.5")
def test_returns_over_own_closes_are_those_over_the_rows_of_the_same_moments_and_a_day_off_they_are_not() -> None:
    history = DailyHistory(resource_dir() / "demo")
    at, rules = datetime(2022, 5, 13, 9, 30, tzinfo=UTC), rules_for("BTC", "ETH", "XRP", min_notional="5")

    async def returns(candles: Candles | None) -> list[Decimal | None]:
        closes = CandleCloses(candles) if candles is not None else None
        if closes is not None:
            await closes.load(["BTC/USDT", "ETH/USDT", "XRP/USDT"], at, NoPauses())
        found = build_card(
            preset(Weighting.CAP), quote="USDT", rules=rules, quotes=quotes(PRICES),
            caps=HistoricalMarketCaps(history), at=at, closes=closes,
        )  # fmt: skip
        assert [one.used for one in found.returns] == [7, 30, 180]
        return [one.percent.quantize(d("0.001")) if one.percent is not None else None for one in found.returns]

    async def story() -> None:
        rows = await returns(None)
        assert await returns(Candles(history)) == rows
        # The row of a day beside the bar of the same day: the return of another week, which knows a day less.
        assert await returns(Candles(history, timedelta(0))) != rows

    run(story)


@pytest.mark.rule("9.4")
def test_the_weights_of_a_day_never_know_the_cap_of_the_next_one() -> None:
    history = DailyHistory(resource_dir() / "demo")
    caps = HistoricalMarketCaps(history)
    rules = rules_for("BTC", "ETH", "XRP", min_notional="5")

    def at(moment: datetime) -> PresetCard:
        return build_card(preset(Weighting.CAP), quote="USDT", rules=rules, quotes={}, caps=caps, at=moment)

    evening, midnight = datetime(2022, 5, 12, 23, 59, tzinfo=UTC), datetime(2022, 5, 13, tzinfo=UTC)
    assert at(evening).as_of == date(2022, 5, 12)
    assert at(evening).targets == at(datetime(2022, 5, 12, tzinfo=UTC)).targets
    assert at(midnight).targets != at(evening).targets


def test_closes_are_loaded_once_a_day_beside_the_engine_and_the_cards_follow() -> None:
    history = DailyHistory(resource_dir() / "demo")

    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        candles = Candles(history)
        candles.wrong = VenueUnavailable("No candles now.")
        side = PresetSide(closes=CandleCloses(candles))
        fixed = replace(preset(Weighting.EQUAL), coins=("BTC", "ETH", "XRP"))
        async with Bench(venue, preset_side=side, presets=(fixed,)).running() as bench:
            await venue.push(BTC="100", ETH="100")
            assert candles.asked == []
            await venue.push(timedelta(seconds=16))
            assert candles.asked == ["BTC/USDT", "ETH/USDT"]
            candles.wrong = None
            await venue.push()
            assert len(candles.asked) == 2
            await venue.push(timedelta(minutes=16))
            await venue.push()
            assert candles.asked[2:] == ["BTC/USDT", "ETH/USDT"]
            await venue.push(timedelta(minutes=16))
            assert len(candles.asked) == 4
            (newest, *_) = reversed(bench.of(PresetsReady))
            assert [one.used for one in newest.cards[0].returns] == [7, 30, 180]
            await venue.push(DAY)
            await venue.push()
            assert len(candles.asked) == 6

    run(story)


def test_a_coin_without_a_close_of_yesterday_is_asked_for_four_times_a_day_and_no_more() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "NEW"))
        candles = Candles(DailyHistory(resource_dir() / "demo"))
        listed = replace(preset(Weighting.EQUAL), coins=("BTC", "NEW"))
        async with Bench(
            venue, preset_side=PresetSide(closes=CandleCloses(candles)), presets=(listed,)
        ).running() as bench:
            for _ in range(8):
                await venue.push(timedelta(minutes=16), BTC="100", NEW="1")
            assert candles.asked == ["BTC/USDT", "NEW/USDT", "NEW/USDT", "NEW/USDT", "NEW/USDT"]
            assert [one.used for one in bench.of(PresetsReady)[-1].cards[0].returns] == [0, 0, 0]

    run(story)


def test_an_own_preset_with_other_coins_has_its_closes_loaded_at_once() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH", "XRP"))
        candles, shelf = Candles(DailyHistory(resource_dir() / "demo")), Shelf()
        side = PresetSide(closes=CandleCloses(candles), shelf=shelf)
        listed = replace(preset(Weighting.EQUAL), coins=("BTC", "ETH"))
        async with Bench(venue, preset_side=side, presets=(listed,)).running() as bench:
            await venue.push(BTC="100", ETH="100", XRP="1")
            await venue.push(timedelta(seconds=16))
            assert candles.asked == ["BTC/USDT", "ETH/USDT"]
            await bench.ask(lambda i: save(i, "Mine", (Target("BTC", d(50)), Target("XRP", d(50)))))
            await venue.push()
            await venue.push()
            assert candles.asked == ["BTC/USDT", "ETH/USDT", "XRP/USDT"]
            assert [one.used for one in bench.of(PresetsReady)[-1].cards[1].returns] == [7, 30, 180]

    run(story)


def test_weights_by_market_cap_leave_another_coin_of_the_same_ticker_out() -> None:
    async def story() -> None:
        venue = ScriptedVenue(rules_for("BTC", "ETH"))
        async with Bench(venue, caps=Caps(BTC="99", ETH="3.2")).running() as bench:
            await venue.push(BTC="100", ETH="100")
            answer = await bench.ask(lambda i: LoadMarketCaps(i, "paper", ("BTC", "ETH", "SOL")))
            assert isinstance(answer, MarketCapsReady)
            assert dict(answer.caps) == {"BTC": d(8100)}

    run(story)


class Shelf:
    """In memory."""

    def __init__(self) -> None:
        self.kept: dict[str, PresetDefinition] = {}
        self.revision = 0

    def all(self) -> tuple[PresetDefinition, ...]:
        return tuple(self.kept.values())

    def save(self, preset: PresetDefinition) -> None:
        self.kept[preset.id] = preset
        self.revision += 1

    def delete(self, preset_id: str) -> None:
        del self.kept[preset_id]
        self.revision += 1


class Feed:
    revision = 0

    def __init__(self) -> None:
        self.asked, self.why_not = 0, ""

    def state(self) -> CapsState:
        return CapsState("Data provided by CoinGecko", NOON.date(), NOON, why_no_refresh=self.why_not)

    def refresh(self) -> None:
        if self.why_not:
            raise InvalidInput("", self.why_not)
        self.asked += 1


def save(command_id: str, name: str, targets: tuple[Target, ...] = TARGETS) -> SavePreset:
    return SavePreset(command_id, "paper", name, targets, Weighting.FIXED, RatioRule(d(3)), sell_all_on_stop=True)


def test_an_own_preset_is_saved_renamed_and_deleted_and_its_card_is_there_at_once() -> None:
    async def story() -> None:
        venue, shelf = ScriptedVenue(rules_for("BTC", "ETH")), Shelf()
        bench = Bench(venue, preset_side=PresetSide(shelf=shelf), presets=(preset(Weighting.EQUAL),))
        async with bench.running():
            await venue.push(BTC="100", ETH="100")

            def names() -> list[tuple[str, bool]]:
                return [(one.name, one.own) for one in bench.of(PresetsReady)[-1].cards]

            answer = await bench.ask(lambda i: save(i, "  My pair "))
            assert isinstance(answer, CommandDone)
            assert answer.message == "The preset My pair was saved."
            assert names() == [("Pick", False), ("My pair", True)]
            own = bench.of(PresetsReady)[-1].cards[1]
            assert (own.targets, own.rule, own.unusable) == (TARGETS, RatioRule(d(3)), "")
            for name, says in (("pick", "a preset named pick already"), ("My pair", "already"), ("", "needs a name")):
                refused = await bench.ask(lambda i, name=name: save(i, name))  # type: ignore[misc]
                assert isinstance(refused, CommandRejected)
                assert refused.field == "name"
                assert says in refused.message
            wrong = await bench.ask(lambda i: save(i, "Wrong", TARGETS[:1]))
            assert isinstance(wrong, CommandRejected)
            assert wrong.field == "coins"
            await bench.ask(lambda i: RenamePreset(i, "paper", own.id, "Pair of mine"))
            assert names()[1] == ("Pair of mine", True)
            of_program = await bench.ask(lambda i: DeletePreset(i, "paper", "p"))
            assert isinstance(of_program, CommandRejected)
            await bench.ask(lambda i: DeletePreset(i, "paper", own.id))
            assert names() == [("Pick", False)]

    run(story)


def test_market_caps_are_refreshed_on_demand_and_a_refusal_says_why() -> None:
    async def story() -> None:
        venue, feed = ScriptedVenue(rules_for("BTC", "ETH")), Feed()
        async with Bench(venue, preset_side=PresetSide(feed), presets=(preset(Weighting.EQUAL),)).running() as bench:
            await venue.push(BTC="100", ETH="100")
            assert bench.view.caps == feed.state()
            assert isinstance(await bench.ask(lambda i: RefreshMarketCaps(i, "paper")), CommandDone)
            assert feed.asked == 1
            feed.why_not = "It is being read."
            refused = await bench.ask(lambda i: RefreshMarketCaps(i, "paper"))
            assert isinstance(refused, CommandRejected)
            assert refused.message == "It is being read."
            cards = len(bench.of(PresetsReady))
            await venue.push()
            assert len(bench.of(PresetsReady)) == cards
            feed.revision = 2
            await venue.push()
            assert len(bench.of(PresetsReady)) == cards + 1

    run(story)
