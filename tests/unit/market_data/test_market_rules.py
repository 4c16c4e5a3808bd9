"""The paper account's market rules and the examples for random walks."""

from decimal import Decimal

import pytest

from rebalancer_gui.adapters.market_data.market_rules import read_market_rules, read_random_walk
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.domain.money import on_grid

ROW = 'base = "BTC", tick = "0.01", step = "0.00001", min = "0.00001", max = "9000", market_max = "120", source = "x"'
HEAD = 'quote = "USDT"\nmin_notional = "5"\nmax_notional = "9000000"\n'


@pytest.fixture(scope="module")
def rules(resources):
    return read_market_rules(resources / "markets" / "paper_spot.toml")


@pytest.mark.rule("2.8")
def test_there_are_rules_for_at_least_twenty_coins_and_for_every_coin_of_the_demo(rules, history):
    assert len(rules) >= 20
    assert {f"{coin}/USDT" for coin in history.coins} <= set(rules)


def test_every_rule_is_a_usable_grid(rules):
    for symbol, market in rules.items():
        assert symbol == market.symbol
        for size in (market.tick_size, market.step_size, market.min_quantity, market.min_notional):
            assert size > 0, symbol
        assert on_grid(market.min_quantity, market.step_size), symbol
        assert market.min_quantity < market.max_quantity, symbol
        assert market.market_max_quantity is not None, symbol
        assert market.market_max_quantity > market.min_quantity, symbol


def test_the_smallest_legal_order_is_never_far_above_the_minimum_notional(rules, history):
    # A minimum quantity or step that costs more than the notional itself would be a slip of the pen in the table.
    for day in (history.common_range(history.coins) or ())[:2]:
        for coin in history.coins:
            price = history.price(coin, day)
            assert price is not None
            value = rules[f"{coin}/USDT"].smallest_order_value(price)
            assert 5 <= value < Decimal("6.1"), (coin, day, value)


def test_a_tick_is_small_against_every_price_of_the_demo(rules, history):
    for day in (history.common_range(history.coins) or ())[:2]:
        for coin in history.coins:
            price = history.price(coin, day)
            assert price is not None
            assert rules[f"{coin}/USDT"].tick_size / price < Decimal("0.01"), coin


def test_some_values_are_those_the_venue_answered(rules):
    bitcoin, ripple, bnb = rules["BTC/USDT"], rules["XRP/USDT"], rules["BNB/USDT"]
    assert (bitcoin.tick_size, bitcoin.step_size, bitcoin.min_notional) == (Decimal("0.01"), Decimal("0.00001"), 5)
    assert (ripple.tick_size, ripple.step_size) == (Decimal("0.0001"), 1)
    assert (bnb.tick_size, bnb.step_size) == (Decimal("0.1"), Decimal("0.001"))


def test_what_rests_on_an_analogy_says_so(rules):
    assert rules["BTC/USDT"].source == "exchangeInfo 2023-09-08"
    assert {m.base for m in rules.values() if m.source.startswith("by analogy with ")} == {"DAI", "EOS"}
    assert {m.source.split()[0] for m in rules.values()} == {"exchangeInfo", "by"}


@pytest.mark.parametrize(
    ("text", "told"),
    (
        ("quote = ", "cannot be read"),
        (HEAD, "market: is missing"),
        (HEAD + "market = [{ " + ROW + ', tik = "1" }]', "market 1: tik: is not a known key"),
        (HEAD + "market = [{ " + ROW.replace('"0.01"', '"0"') + " }]", "market 1: tick: must be above 0"),
        (HEAD + "market = [{ " + ROW.replace('"0.01"', "0.01") + " }]", "market 1: tick: must be a text"),
        (HEAD + "market = [{ " + ROW.replace('"0.01"', '"1e-2"') + " }]", "'1e-2' is not a plain number"),
        (HEAD + "market = [{ " + ROW.replace('min = "0.00001"', 'min = "0.000015"') + " }]", "multiple of the step"),
        (HEAD + "market = [{ " + ROW.replace('"9000"', '"0.000001"') + " }]", "max: must not be under"),
        (HEAD + "market = [{ " + ROW + " }, { " + ROW + " }]", "market 2: base: BTC is there twice"),
        (HEAD + "extra = 1\nmarket = [{ " + ROW + " }]", "extra: is not a known key"),
    ),
)
def test_a_fault_in_the_table_is_named(tmp_path, text, told):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentProblem) as caught:
        read_market_rules(path)
    assert told in caught.value.message
    assert "rules.toml" in caught.value.message


def test_a_random_walk_can_start_for_every_market(resources, rules):
    settings = read_random_walk(resources / "markets" / "random_walk.toml")
    assert {f"{coin}/USDT" for coin in settings.start_prices} == set(rules)
    assert 0 < settings.correlation < 1
    for coin, price in settings.start_prices.items():
        assert rules[f"{coin}/USDT"].tick_size / price < Decimal("0.01"), coin
        assert 0 < settings.volatility[coin] < 0.1, coin


@pytest.mark.parametrize(
    ("text", "told"),
    (
        ('correlation = "2"\nsource = "x"\ncoin = []\n', "correlation: must lie between 0 and 1"),
        (
            'correlation = "0.5"\nsource = "x"\ncoin = [{ base = "A", price = "1", yearly_volatility = "-1" }]\n',
            "coin 1: yearly_volatility: must be a percentage",
        ),
    ),
)
def test_a_fault_in_the_random_walk_file_is_named(tmp_path, text, told):
    path = tmp_path / "walk.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentProblem) as caught:
        read_random_walk(path)
    assert told in caught.value.message
