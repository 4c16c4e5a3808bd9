"""Finding coins by ticker, name or a pasted list."""

import pytest

from rebalancer_gui.ui.create.coin_search import Taken, matches, quote_refused, take, tickers

OFFERED = ("ADA", "BNB", "BTC", "ETC", "ETH", "ICP", "SOL", "USDC")
REFUSED = (
    "USDT is the strategy's money, not a coin. To keep a cash share, add a dollar coin such as USDC, or invest less."
)


@pytest.mark.parametrize(
    ("asset", "text"),
    (("BTC", "bt"), ("BTC", "bitc"), ("ICP", "internet comp"), ("SOL", ""), ("ETH", "btc, eth"), ("ETH", "  ETH ")),
)
def test_a_coin_is_found_by_ticker_name_or_list(asset, text):
    assert matches(asset, text)


@pytest.mark.parametrize(("asset", "text"), (("BTC", "eth"), ("ETC", "btc eth"), ("SOL", "x")))
def test_other_coins_are_not_found(asset, text):
    assert not matches(asset, text)


def test_a_list_is_split_at_commas_spaces_and_semicolons_and_pairs_lose_their_quote():
    assert tickers(" btc, eth;SOL\nBTC/USDT ") == ["BTC", "ETH", "SOL"]


def test_exact_tickers_are_taken():
    assert take("btc sol", OFFERED, (), "USDT") == Taken(("BTC", "SOL"))


def test_the_only_coin_that_is_found_is_taken():
    assert take("card", OFFERED, (), "USDT") == Taken(("ADA",))


def test_nothing_is_guessed_where_several_coins_match():
    assert take("et", OFFERED, (), "USDT").coins == ()


def test_a_ticker_wins_over_names_that_contain_it():
    assert take("eth", OFFERED, (), "USDT") == Taken(("ETH",))


@pytest.mark.rule("12.6")
def test_the_quote_asset_is_refused_in_the_specifications_words():
    assert quote_refused("USDT") == REFUSED
    assert take("usdt", OFFERED, (), "USDT") == Taken((), REFUSED)


@pytest.mark.rule("12.6")
def test_an_unknown_coin_is_named_and_the_others_are_taken():
    taken = take("btc WHATISTHISCOIN", OFFERED, (), "USDT")
    assert taken.coins == ("BTC",)
    assert taken.message == "WHATISTHISC\u2026 cannot be traded in USDT on this account."


@pytest.mark.rule("12.6")
def test_a_coin_that_is_in_already_is_said_and_not_taken_twice():
    assert take("BTC eth", OFFERED, ("BTC",), "USDT") == Taken(("ETH",), "BTC is in the strategy already.")
