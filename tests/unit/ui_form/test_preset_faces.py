"""The words and numbers on a preset's card."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from rebalancer_gui.application.views import PresetCard
from rebalancer_gui.domain.preset_returns import AnnualisedReturn
from rebalancer_gui.domain.presets import Weighting
from rebalancer_gui.domain.strategy import RatioRule, Target, TimeRule
from rebalancer_gui.ui.create.preset_faces import CardFace, draft_of, face_of
from rebalancer_gui.ui.create.surroundings import Surroundings
from rebalancer_gui.ui.formatting import NumberFormat
from tests.ui.sample_market import START_PRICES, make_quotes, market_rules

NUMBERS = NumberFormat()
TODAY = date(2021, 5, 14)
AROUND = Surroundings("paper", "USDT", market_rules(), make_quotes(START_PRICES), {"USDT": Decimal(1900)})
CARD = PresetCard(
    id="defi",
    name="DeFi",
    category="DeFi",
    targets=(Target("LINK", Decimal(80)), Target("UNI", Decimal(20))),
    rule=RatioRule(Decimal(5)),
    sell_all_on_stop=True,
    minimum_weight=Decimal(1),
    smallest_investment=Decimal(50),
    returns=(
        AnnualisedReturn(7, 7, Decimal("38.04")),
        AnnualisedReturn(30, 30, Decimal("-15.9")),
        AnnualisedReturn(180, 94, Decimal("32.3")),
    ),
    source="Data provided by CoinGecko",
    as_of=date(2021, 5, 13),
    list_date=date(2024, 1, 1),
    candidates=("LINK", "UNI", "SNX", "FIL"),
    missing=("SNX", "FIL"),
)


def face(**changes: object) -> CardFace:
    card = replace(CARD, **changes)  # type: ignore[arg-type]
    return face_of(card, "USDT", TODAY, AROUND, {"LINK": 5, "UNI": 6}, NUMBERS)


@pytest.mark.rule("9.5", "9.6")
def test_returns_are_signed_and_tell_the_days_they_rest_on():
    shown = face().returns
    assert [one.text for one in shown] == ["+38.0\u00a0%", "\u221215.9\u00a0%", "+32.3\u00a0%"]
    assert [one.label for one in shown] == ["7 D p.a.", "30 D p.a.", "94 of 180 D"]
    assert "(1 + R)^(365/n) \u2212 1" in shown[0].tip
    assert "180 days were asked for, 94 are known." in shown[2].tip
    assert shown[2].short


@pytest.mark.parametrize(
    ("percent", "text"),
    (
        ("1234.56", "+1,235\u00a0%"),
        ("54195.2", "> 9,999\u00a0%"),
        ("-99.99999", "< \u221299.9\u00a0%"),
        ("-99.9", "\u221299.9\u00a0%"),
        ("0", "0.0\u00a0%"),
        ("-100", "\u2212100.0\u00a0%"),
    ),
)
def test_absurd_returns_still_fit_their_column(percent, text):
    returns = (AnnualisedReturn(7, 7, Decimal(percent)),)
    one = face(returns=returns).returns[0]
    assert one.text == text
    assert NUMBERS.change_percent(Decimal(percent)) in one.tip


def test_a_return_that_is_not_known_is_a_dash_with_its_reason():
    one = face(returns=(AnnualisedReturn(7, 0, None),)).returns[0]
    assert one.text == "\u2013"
    assert "not enough daily closes" in one.tip


@pytest.mark.rule("9.8")
def test_source_and_date_are_on_the_card_and_old_caps_are_marked():
    assert (face().source, face().stale) == ("CoinGecko 13 May 2021", False)
    old = face(as_of=date(2021, 5, 10))
    assert (old.source, old.stale) == ("CoinGecko, 4 days old", True)
    undated = face(as_of=None)
    assert (undated.source, undated.stale) == ("CoinGecko, no date", True)


@pytest.mark.rule("9.8")
def test_coins_without_cap_are_named_before_those_that_do_not_trade():
    shown = face()
    # FIL trades in the sample market, so what it lacks is a cap; SNX does not trade there.
    assert (shown.without, shown.without_cap) == ("FIL: no cap", True)
    assert "Not traded here in USDT: SNX." in shown.tip
    assert (face(missing=("SNX",)).without, face(missing=()).without) == ("without SNX", "")


@pytest.mark.rule("9.11")
def test_the_smallest_investment_is_at_the_newest_prices():
    least = face().least
    assert least is not None
    assert Decimal(25) < least < Decimal(30)
    assert face().least_text == NUMBERS.fixed(least)


def test_a_screen_reader_hears_the_whole_card():
    spoken = face().spoken
    for part in ("DeFi, 2 coins", "LINK 80 percent", "minus 15.9", "by coin ratio 5", "from"):
        assert part in spoken
    assert face(unusable="nothing trades").spoken == "DeFi: not on this market, nothing trades"


@pytest.mark.rule("9.11")
def test_the_draft_of_a_card_has_all_its_parameters():
    draft = draft_of(CARD, "Mine", Decimal(500), "USDT")
    assert draft.allocation.targets == CARD.targets
    assert (draft.name, draft.quote, draft.investment) == ("Mine", "USDT", Decimal(500))
    assert (draft.rule, draft.sell_all_on_stop) == (CARD.rule, True)
    by_time = draft_of(replace(CARD, rule=TimeRule()), "Mine", None, "USDT", CARD.targets[:1])
    assert by_time.rule == TimeRule()
    assert by_time.allocation.assets == ("LINK",)


@pytest.mark.rule("9.8")
def test_a_reading_has_its_time_on_the_card_and_weights_without_caps_say_what_they_are():
    assert face(read_at=datetime(2021, 5, 14, 6, 0, tzinfo=UTC)).source == "CoinGecko 14 May 06:00 UTC"
    fixed = face(by_caps=False, weighting=Weighting.FIXED, source="", as_of=None, own=True)
    assert (fixed.source, fixed.stale, fixed.coins) == ("fixed weights", False, "2 coins, yours")
    assert "as of" not in fixed.tip
    assert "square root" in face(weighting=Weighting.SQRT_CAP).tip


@pytest.mark.rule("9.8")
def test_a_coin_that_is_another_one_by_its_price_is_said_apart_from_one_without_a_cap():
    shown = face(missing=("SNX", "FIL"), doubtful=("FIL",))
    assert shown.without_cap
    assert "FIL: another coin" in shown.without
    assert "By its price another coin than the one whose market cap is known, so left out: FIL." in shown.tip
