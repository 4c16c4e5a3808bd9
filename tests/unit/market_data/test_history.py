"""The demo's daily data: what it holds, and that nothing is known before its time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.domain.errors import EnvironmentProblem

NON_STABLE = (
    "ADA",
    "BCH",
    "BNB",
    "BTC",
    "DOGE",
    "DOT",
    "EOS",
    "ETH",
    "LINK",
    "LTC",
    "MATIC",
    "SOL",
    "TRX",
    "UNI",
    "XRP",
)
DEMO_DAYS = [date(2020, 9, 18) + timedelta(days=n) for n in range(723)]


def write_history(folder: Path, prices: str, caps: str = "date,BTC\n") -> DailyHistory:
    (folder / "daily_prices.csv").write_text(prices, encoding="ascii")
    (folder / "daily_market_caps.csv").write_text(caps, encoding="ascii")
    return DailyHistory(folder)


def test_fifteen_coins_and_three_dollar_coins_have_prices_on_every_demo_day(history):
    assert set(history.coins) == {*NON_STABLE, "BUSD", "DAI", "USDC"}
    assert (
        history.common_range(history.coins) == (DEMO_DAYS[0], DEMO_DAYS[-1]) == (date(2020, 9, 18), date(2022, 9, 10))
    )
    for coin in history.coins:
        assert all(history.price(coin, day) is not None for day in DEMO_DAYS), coin
        assert all(history.market_cap(coin, day) is not None for day in DEMO_DAYS), coin


def test_prices_are_dollars_over_the_dollar_price_of_the_quote(history):
    # Row 2020-09-18 of the source: BTC 10941.717... / USDT; checked against the raw cells.
    raw = dict(zip(*[line.split(",") for line in _lines(history, "2020-09-18")], strict=True))
    expected = Decimal(raw["BTC"]) / Decimal(raw["USDT"])
    price = history.price("BTC", date(2020, 9, 18))
    assert price is not None
    assert abs(price - expected) < Decimal("0.00001")
    assert history.price("USDT", date(2020, 9, 18)) == 1


def _lines(history: DailyHistory, day: str) -> tuple[str, str]:
    lines = (history._folder / "daily_prices.csv").read_text(encoding="ascii").splitlines()
    return lines[0], next(line for line in lines if line.startswith(day))


def test_180_day_returns_exist_on_the_first_demo_day_for_the_old_coins(history):
    for coin in ("BTC", "ETH", "BNB", "XRP", "LTC", "BCH", "ADA", "LINK", "TRX", "EOS"):
        assert len(history.closes(coin, DEMO_DAYS[0], 181)) == 181, coin


def test_closes_end_with_the_asked_day_and_come_oldest_first(history):
    day = date(2021, 3, 5)
    assert history.closes("BTC", day, 3) == tuple(history.price("BTC", day - timedelta(days=n)) for n in (2, 1, 0))


def test_closes_stop_at_the_beginning_of_a_coin(history):
    assert len(history.closes("UNI", date(2020, 9, 20), 8)) == 3
    assert history.first_day("UNI") == date(2020, 9, 18)


def test_a_gap_stays_a_gap(tmp_path):
    history = write_history(
        tmp_path,
        "date,BTC,ETH,USDT\n2021-01-01,100,10,1\n2021-01-02,,11,1\n2021-01-04,120,12,1\n2021-01-05,121,12.5,1\n",
    )
    assert history.price("BTC", date(2021, 1, 2)) is None
    assert history.price("ETH", date(2021, 1, 3)) is None
    assert history.closes("BTC", date(2021, 1, 5), 5) == (Decimal(120), Decimal(121))
    assert history.common_range(["BTC", "ETH"]) == (date(2021, 1, 1), date(2021, 1, 5))
    assert history.common_range(["BTC", "XYZ"]) is None
    assert history.price("XYZ", date(2021, 1, 1)) is None


@pytest.mark.parametrize(
    ("prices", "told"),
    (
        ("day,BTC,USDT\n2021-01-01,1,1\n", "line 1"),
        ("date,BTC,BTC\n2021-01-01,1,1\n", "line 1"),
        ("date,BTC,USDT\n2021-01-01,1\n", "line 2"),
        ("date,BTC,USDT\nyesterday,1,1\n", "line 2: 'yesterday' is not a date"),
        ("date,BTC,USDT\n2021-01-02,1,1\n2021-01-02,1,1\n", "line 3"),
        ("date,BTC,USDT\n2021-01-01,-1,1\n", "line 2: '-1' in column BTC"),
        ("date,BTC,USDT\n2021-01-01,NaN,1\n", "line 2: 'NaN' in column BTC"),
        ("date,BTC,USDT\n2021-01-01,many,1\n", "line 2: 'many' in column BTC"),
    ),
)
def test_a_damaged_file_is_named_with_its_line(tmp_path, prices, told):
    history = write_history(tmp_path, prices)
    with pytest.raises(EnvironmentProblem, match=r"daily_prices\.csv") as caught:
        history.price("BTC", date(2021, 1, 1))
    assert told in caught.value.message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EnvironmentProblem, match=r"daily_prices\.csv cannot be read"):
        DailyHistory(tmp_path).price("BTC", date(2021, 1, 1))


def test_market_caps_are_those_of_the_market_days_own_midnight(history):
    caps = HistoricalMarketCaps(history)
    last_second = datetime(2021, 2, 16, 23, 59, 59, tzinfo=UTC)
    assert caps.as_of(last_second) == date(2021, 2, 16)
    assert caps.market_caps(["BTC", "NOPE"], last_second) == {"BTC": history.market_cap("BTC", date(2021, 2, 16))}
    assert caps.closes("ETH", last_second, 8)[-1] == history.price("ETH", date(2021, 2, 16))


def test_after_the_last_row_the_last_row_stays_and_says_its_date(history):
    caps = HistoricalMarketCaps(history)
    assert caps.as_of(datetime(2023, 1, 1, tzinfo=UTC)) == date(2022, 9, 10)
    assert caps.market_caps(["BTC"], datetime(2023, 1, 1, tzinfo=UTC)) == {
        "BTC": history.market_cap("BTC", date(2022, 9, 10))
    }
    assert caps.as_of(datetime(2019, 1, 1, tzinfo=UTC)) is None
    assert caps.market_caps(["BTC"], datetime(2019, 1, 1, tzinfo=UTC)) == {}
    assert caps.closes("BTC", datetime(2019, 1, 1, tzinfo=UTC), 8) == ()


@pytest.mark.rule("9.8")
def test_unknown_market_caps_are_left_out_and_not_zero(history):
    caps = HistoricalMarketCaps(history)
    at = datetime(2020, 4, 1, tzinfo=UTC)
    assert set(caps.market_caps(["BTC", "BUSD"], at)) == {"BTC"}


def test_the_attribution_names_the_source_and_stands_beside_the_data(resources, history):
    assert HistoricalMarketCaps(history).attribution == "Data provided by CoinGecko"
    assert "Data provided by CoinGecko" in (resources / "demo" / "ATTRIBUTION.md").read_text(encoding="utf-8")
