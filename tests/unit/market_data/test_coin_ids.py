"""The table of coin ids: complete for the presets, strict, and one kind of truth about what follows something else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.coin_ids import FILE_NAME, CoinId, read_coin_ids
from rebalancer_gui.adapters.market_data.coin_kinds import unfit_for_preset
from rebalancer_gui.adapters.market_data.preset_files import read_presets
from rebalancer_gui.domain.errors import EnvironmentProblem

HEADER = "asset,coingecko,coinpaprika,symbols,multiplier,kind\n"


@pytest.fixture(scope="module")
def table(resources: Path) -> dict[str, CoinId]:
    return dict(read_coin_ids(resources / "markets" / FILE_NAME))


def read(folder: Path, text: str) -> dict[str, CoinId]:
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return dict(read_coin_ids(path))


def test_every_coin_of_every_preset_has_an_id_at_coingecko(resources: Path, table: dict[str, CoinId]) -> None:
    coins = {coin for preset in read_presets(resources / "presets") for coin in preset.coins}
    assert sorted(coin for coin in coins if coin not in table or not table[coin].coingecko) == []
    assert len(table) > 150


def test_a_multiple_has_the_ids_of_its_coin_and_its_own_multiplier(table: dict[str, CoinId]) -> None:
    for asset, coin, times in (("1000PEPE", "PEPE", 1000), ("1000SHIB", "SHIB", 1000), ("1000BONK", "BONK", 1000)):
        assert table[asset].coingecko == table[coin].coingecko
        assert table[asset].multiplier == times
        assert asset not in table[asset].symbols
    assert table["1000SATS"].symbols == {"SATS"}
    assert table["1MBABYDOGE"].multiplier == Decimal(1_000_000)


def test_no_two_coins_of_their_own_share_an_id_at_a_source(table: dict[str, CoinId]) -> None:
    for ids in (
        [coin.coingecko for coin in table.values() if coin.multiplier == 1],
        [coin.coinpaprika for coin in table.values() if coin.multiplier == 1 and coin.coinpaprika],
    ):
        assert len(ids) == len(set(ids))


@pytest.mark.rule("9.10")
def test_what_the_table_marks_is_what_no_preset_may_hold(table: dict[str, CoinId]) -> None:
    for coin in table.values():
        assert (unfit_for_preset(coin.asset) is not None) == bool(coin.kind), coin.asset


@pytest.mark.parametrize("ticker", ("LUNA", "FRAX", "BTT", "CAT", "S", "W"))
def test_a_ticker_that_means_several_coins_is_left_out(table: dict[str, CoinId], ticker: str) -> None:
    assert ticker not in table


@pytest.mark.parametrize(
    ("row", "says"),
    (
        ("btc,bitcoin,,,1,", "line 2.*asset's name"),
        ("BTC,Bit coin,,,1,", "line 2.*not an id"),
        ("BTC,bitcoin,,,3,", "not 1, 10, 100"),
        ("BTC,bitcoin,,,1,odd", "not a kind"),
        ("BTC,bitcoin,,x,1,", "not tickers"),
        ("1000X,x-coin,,,1000,", "multiple of a coin whose ticker is not told"),
        ("BTC,bitcoin,,,1", "5 columns instead of 6"),
        ("BTC,bitcoin,,,1,\nBTC,bitcoin,,,1,", "line 3.*there twice"),
    ),
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(EnvironmentProblem, match=says):
        read(tmp_path, f"{HEADER}{row}\n")


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="first line"):
        read(tmp_path, "asset,id\n")
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        read(tmp_path, f"{HEADER}BTÇ,bitcoin,,,1,\n")
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        read_coin_ids(tmp_path / "nothing.csv")
