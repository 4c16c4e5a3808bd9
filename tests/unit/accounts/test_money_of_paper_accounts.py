"""The money of a paper account on live prices: the exchange's own, or the one that its owner chooses."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.live_feed import LiveQuoteFeed
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.venues.catalogue import _MONEY, catalogue
from rebalancer_gui.adapters.venues.live_paper import LivePaperVenue
from rebalancer_gui.adapters.venues.live_venues import build_live_paper_venue
from rebalancer_gui.application.accounts import NewAccount
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.bootstrap import DemoOptions, account_setup
from rebalancer_gui.cli import main
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import MarketRules
from tests.accounts_bench import KEY, AccountsBench
from tests.builders import d, rules_for
from tests.fake_clock import FakeClock
from tests.price_bench import PlayedVenue


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[AccountsBench]:
    with DataFolder(tmp_path, make_tag=lambda: "ab12") as folder:
        yield AccountsBench(folder)


def euro_rules() -> dict[str, MarketRules]:
    """A venue whose markets are all in euros."""
    return {f"{r.base}/EUR": replace(r, quote="EUR") for r in rules_for("BTC", "ETH").values()}


@pytest.mark.parametrize(
    ("venue", "money"), [("binance", "USDT"), ("kraken", "USD"), ("coinbase", "USD"), ("bitvavo", "EUR")]
)
def test_without_a_choice_it_follows_the_exchange(bench: AccountsBench, venue: str, money: str):
    assert bench.add("Prices", venue, None).record.quote == money
    setup = account_setup(bench.folder, bench.book.find("Prices"), DemoOptions(), bench.book)
    assert setup.venue.quote_assets == (money,)


def test_another_can_be_chosen_and_what_is_none_is_refused(bench: AccountsBench):
    def wanted(quote: str) -> NewAccount:
        return NewAccount("Prices", VenueSpec("kraken"), quote=quote)

    assert bench.book.check(wanted(" eur ")).quote == "EUR"
    for wrong in ("EURO COIN", "\u20ac", "x"):
        with pytest.raises(InvalidInput) as refused:
            bench.book.check(wanted(wrong))
        assert refused.value.field == "quote"
    with pytest.raises(InvalidInput, match="what the exchange says"):
        bench.book.check(replace(wanted("EUR"), credentials=KEY))


def test_only_exchanges_of_the_list_have_a_money_of_their_own():
    assert set(_MONEY) <= {entry.id for entry in catalogue()}


@pytest.mark.parametrize(("money", "units"), [("USD", 10_000), ("EUR", 10_000), ("JPY", 1_000_000)])
def test_it_begins_with_about_ten_thousand_dollars(money: str, units: int):
    venue = build_live_paper_venue(None, VenueSpec("kraken"), FakeClock(), quote_asset=money)
    assert {asset: balance.total for asset, balance in venue._balances.items()} == {money: units}


def paper(money: str) -> LivePaperVenue:
    clock = FakeClock()
    played = PlayedVenue(clock, streams=False, rules=euro_rules())
    return LivePaperVenue(LiveQuoteFeed(played, clock), clock, balances={money: d(10_000)}, quote_asset=money)


def test_a_money_in_which_nothing_is_quoted_is_said_with_those_that_there_are():
    venue = paper("USDT")

    async def story() -> None:
        with pytest.raises(
            InvalidInput, match="nothing is quoted in USDT there; the exchange's moneys are: EUR"
        ) as refused:
            await venue.open()
        assert refused.value.field == "quote"
        await venue.close()

    asyncio.run(story())


def test_the_console_takes_the_choice_and_the_list_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def say(*words: str) -> object:
        monkeypatch.setattr(sys, "stdin", StringIO(""))
        assert main([*words, "--data-dir", str(tmp_path), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    say("account", "add", "--name", "Euro", "--venue", "kraken", "--quote", "eur")
    say("account", "add", "--name", "Dollar", "--venue", "kraken")
    rows = say("account", "list")
    assert isinstance(rows, list)
    assert {row["name"]: row["quote"] for row in rows} == {"paper": None, "Euro": "EUR", "Dollar": "USD"}
