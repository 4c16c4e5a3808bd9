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


def test_its_owner_chooses_how_much_it_begins_with_and_that_is_kept(bench: AccountsBench):
    new = NewAccount("Prices", VenueSpec("kraken"), quote="EUR", start_money=d("2500.5"))
    asyncio.run(bench.book.add(new))
    assert bench.book.find("Prices").start_money == d("2500.5")
    setup = account_setup(bench.folder, bench.book.find("Prices"), DemoOptions(), bench.book)
    assert isinstance(setup.venue, LivePaperVenue)
    assert {asset: balance.total for asset, balance in setup.venue._balances.items()} == {"EUR": d("2500.5")}


@pytest.mark.parametrize("amount", ["0", "-1", "1000000000000.1", "0.000000001", "NaN", "Infinity"])
def test_money_to_start_with_that_cannot_be_is_refused_with_what_can(bench: AccountsBench, amount: str):
    with pytest.raises(InvalidInput, match="above 0 and at most 1,000,000,000,000") as refused:
        bench.book.check(NewAccount("Prices", VenueSpec("kraken"), start_money=d(amount)))
    assert refused.value.field == "start_money"


def test_an_account_with_a_key_has_no_money_to_start_with(bench: AccountsBench):
    with pytest.raises(InvalidInput, match="holds what the exchange says") as refused:
        bench.book.check(NewAccount("Main", VenueSpec("binance"), KEY, start_money=d(5)))
    assert refused.value.field == "start_money"


@pytest.mark.parametrize("text", ['"0"', '"-5"', '"1e3"', '"much"', "5"])
def test_a_record_with_an_impossible_start_is_not_understood(bench: AccountsBench, text: str):
    asyncio.run(bench.book.add(NewAccount("Prices", VenueSpec("kraken"), start_money=d(777))))
    file = bench.folder.path / "accounts" / "Prices" / "account.json"
    file.write_text(file.read_text().replace('"777"', text))
    assert "start" in str(bench.book.unreadable()["Prices"].message)


def test_the_console_takes_how_much_it_begins_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def say(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", StringIO(""))
        code = main([*words, "--data-dir", str(tmp_path), "--json"])
        told = capsys.readouterr()
        return code, told.out, told.err

    adding = ("account", "add", "--venue", "kraken", "--start-money")
    code, out, err = say(*adding, "0", "--name", "Nothing")
    assert (code, out) == (2, "")
    assert err.startswith("start_money: The starting money must be above 0")
    code, out, _err = say(*adding, "250.5", "--name", "Small")
    assert (code, json.loads(out)["start_money"]) == (0, "250.5")
    rows = json.loads(say("account", "list")[1])
    assert {row["name"]: row["start_money"] for row in rows} == {"paper": None, "Small": "250.5"}
