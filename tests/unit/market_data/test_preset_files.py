"""The shipped presets, and that a fault in a preset file is named."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.adapters.market_data.coin_kinds import unfit_for_preset
from rebalancer_gui.adapters.market_data.history import HistoricalMarketCaps
from rebalancer_gui.adapters.market_data.market_rules import read_market_rules
from rebalancer_gui.adapters.market_data.preset_files import read_presets
from rebalancer_gui.application.presets import build_card
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.strategy import RatioRule, TimeRule

SEVEN_OF_BINANCE = {"Main Coins", "BNB Chain", "Top Polkadot", "Top Arbitrum", "Storage", "DeFi", "Metaverse"}
GOOD = """id = "mine"
name = "Mine"
position = 1
category = "Test"
coins = ["BTC", "ETH", "BNB"]
list_date = 2024-03-30
source = "by hand"
take = 2
sell_all_on_stop = false
"""


@pytest.fixture(scope="module")
def presets(resources):
    return read_presets(resources / "presets")


def read_one(folder, text, name="mine.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return read_presets(folder)[0]


@pytest.mark.rule("9.16")
def test_the_seven_categories_of_binance_and_four_of_ours_are_there(presets):
    names = {preset.name for preset in presets}
    assert names >= SEVEN_OF_BINANCE
    assert names >= {"Top 5", "Top 10", "Payments", "Smart-contract platforms"}
    assert len({preset.id for preset in presets}) == len(presets)


@pytest.mark.rule("9.10")
def test_no_preset_holds_a_stable_wrapped_or_leveraged_coin(presets):
    assert [coin for preset in presets for coin in preset.coins if unfit_for_preset(coin)] == []


@pytest.mark.rule("9.1", "9.10")
def test_every_preset_takes_at_most_ten_and_says_when_and_from_what_it_was_listed(presets):
    for preset in presets:
        assert 2 <= preset.take <= 10
        assert len(preset.coins) >= 2
        assert preset.list_date == date(2024, 3, 30)
        assert "2024-03-30" in preset.source


@pytest.mark.parametrize("step", [pytest.param(30, id="monthly"), pytest.param(1, id="daily", marks=pytest.mark.long)])
def test_at_least_five_presets_are_usable_on_every_day_of_the_demo(presets, resources, history, step):
    rules = read_market_rules(resources / "markets" / "paper_spot.toml")
    caps = HistoricalMarketCaps(history)
    for day in [*range(0, 722, step), 722]:
        at = datetime(2020, 9, 18, 12, tzinfo=UTC) + timedelta(days=day)
        cards = [build_card(p, quote="USDT", rules=rules, quotes={}, caps=caps, at=at) for p in presets]
        usable = [card for card in cards if not card.unusable]
        assert len(usable) >= 5, at
        for card in usable:
            assert sum(t.weight for t in card.targets) == 100
            assert min(t.weight for t in card.targets) >= 1


def test_top_5_takes_the_five_largest_of_the_day(presets, resources, history):
    top = next(p for p in presets if p.id == "top-5")
    rules = read_market_rules(resources / "markets" / "paper_spot.toml")
    at = datetime(2021, 5, 8, tzinfo=UTC)
    card = build_card(top, quote="USDT", rules=rules, quotes={}, caps=HistoricalMarketCaps(history), at=at)
    assert [t.asset for t in card.targets] == ["BTC", "ETH", "BNB", "DOGE", "XRP"]


@pytest.mark.rule("9.11", "9.14")
def test_what_a_file_leaves_out_takes_the_default(tmp_path):
    preset = read_one(tmp_path, GOOD)
    assert preset.rule == RatioRule(Decimal(5))
    assert preset.minimum_weight == 1
    assert preset.coins == ("BTC", "ETH", "BNB")
    assert preset.sell_all_on_stop is False


def test_a_rule_by_time_is_read(tmp_path):
    preset = read_one(tmp_path, GOOD + '[rule]\nkind = "time"\ninterval_seconds = 604800\ngate = "1"\n')
    assert preset.rule == TimeRule(timedelta(days=7), Decimal(1))


def test_presets_come_in_the_order_of_their_positions(tmp_path):
    (tmp_path / "aaa.toml").write_text(
        GOOD.replace('"mine"', '"aaa"').replace("position = 1", "position = 9"), encoding="utf-8"
    )
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    assert [preset.id for preset in read_presets(tmp_path)] == ["mine", "aaa"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    (
        ("take = 2", "take = 2\ntaek = 3", "taek: is not a known key"),
        ("take = 2", "take = 11", "take: must be a whole number from 2 to 10"),
        ("take = 2", "take = true", "take: must be a whole number"),
        ("take = 2\n", "", "take: is missing"),
        ("position = 1", "position = 0", "position: must be"),
        ('id = "mine"', 'id = "other"', "id: must be the file's name"),
        ('id = "mine"', 'id = ""', "id: must be a text"),
        ('"BNB"', '"ETH"', "coins: ETH is there twice"),
        ('"BNB"', '"USDC"', "coins: USDC is a stable coin"),
        ('"BNB"', '"WBTC"', "coins: WBTC is a wrapped coin"),
        ('"BNB"', '"BTCUP"', "coins: BTCUP is a leveraged token"),
        ('"BNB"', '"bnb"', "coins: 'bnb' is not a coin's name"),
        ('["BTC", "ETH", "BNB"]', '["BTC"]', "coins: must name at least 2"),
        ('["BTC", "ETH", "BNB"]', '"BTC"', "coins: must be a list"),
        ("2024-03-30", '"2024-03-30"', "list_date: must be a date"),
        ("2024-03-30", "2024-03-30T00:00:00Z", "list_date: must be a date"),
        ("sell_all_on_stop = false", 'sell_all_on_stop = "no"', "sell_all_on_stop: must be true or false"),
        ("take = 2", 'take = 2\nminimum_weight = "51"', "minimum_weight"),
        ("take = 2", 'take = 2\nminimum_weight = "-1"', "minimum_weight: must be a percentage"),
        ("false\n", 'false\n[rule]\nkind = "moon"\n', 'kind: must be "ratio", "time" or "band"'),
        ("false\n", 'false\n[rule]\nkind = "ratio"\nthreshold = "0"\n', "threshold"),
        ("false\n", 'false\n[rule]\nkind = "ratio"\nthreshold = "5"\ngate = "1"\n', "gate: is not a known key"),
        ("false\n", 'false\n[rule]\nkind = "time"\ninterval_seconds = 30\n', "interval"),
        ("false\n", "false\nrule = 5\n", "rule: must be a table"),
    ),
)
def test_a_fault_is_named_with_its_file_and_key(tmp_path, old, new, told):
    assert old in GOOD
    with pytest.raises(EnvironmentProblem) as caught:
        read_one(tmp_path, GOOD.replace(old, new))
    assert told in caught.value.message
    assert caught.value.message.startswith("mine.toml: ")


def test_two_presets_at_one_position_are_refused(tmp_path):
    (tmp_path / "aaa.toml").write_text(GOOD.replace('"mine"', '"aaa"'), encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="position: aaa stands there already"):
        read_one(tmp_path, GOOD)


def test_an_empty_folder_is_a_broken_installation(tmp_path):
    with pytest.raises(EnvironmentProblem, match="no presets"):
        read_presets(tmp_path)


@pytest.mark.parametrize("coin", ("JUP", "SUPER", "SOL", "ADA", "UNI", "BTC", "STG"))
def test_ordinary_coins_are_not_taken_for_leveraged_tokens(coin):
    assert unfit_for_preset(coin) is None
