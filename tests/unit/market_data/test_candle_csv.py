"""Candle files: read surely or refused with line and field, and what was taken for what is told."""

from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebalancer_gui.adapters.market_data.candle_csv import CandleFile, read_candles
from rebalancer_gui.domain.errors import InvalidInput

HOUR = 3600
START = 1_704_067_200  # 2024-01-01 00:00 UTC
HEAD = "time,symbol,open,high,low,close,volume"


def row(hour: int, close: str = "11", symbol: str = "BTC/USDT") -> str:
    return f"{START + hour * HOUR},{symbol},10,12,9,{close},5"


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, text: str | bytes, name: str = "candles.csv", **more: object) -> CandleFile:
        file = self.path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_candles(file, **more)  # type: ignore[arg-type]

    def refusal(self, text: str | bytes, name: str = "candles.csv", **more: object) -> str:
        with pytest.raises(InvalidInput) as refused:
            self.read(text, name, **more)
        assert refused.value.field == "candles"
        return refused.value.message


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def test_a_file_of_two_symbols_is_read_as_two_series(folder):
    text = lines(HEAD, row(0), row(0, "1", "ETHUSDT").replace("10,12,9", "1,2,0.5"), row(1, "9.5"), row(2))
    found = folder.read(text.replace("ETHUSDT", "ETH-USDT"), timeframe=timedelta(hours=1))

    bitcoin = found.series["BTC/USDT"]
    assert list(found.series) == ["BTC/USDT", "ETH/USDT"]
    assert bitcoin.timeframe == timedelta(hours=1)
    assert bitcoin.opened == array("q", [START, START + HOUR, START + 2 * HOUR])
    assert (bitcoin.opens[1], bitcoin.highs[1], bitcoin.lows[1], bitcoin.closes[1], bitcoin.volumes[1]) == (
        10,
        12,
        9,
        9.5,
        5,
    )
    assert found.findings == ()
    assert found.mapping[0] == (
        "Read as a file with a header: time = time, symbol = symbol, open = open, high = high, low = low, close = close,"
        " volume = volume (epoch seconds)."
    )


@pytest.mark.parametrize(
    ("first", "second", "way"),
    (
        ("1704067200000", "1704070800000", "epoch milliseconds"),
        ("1704067200000000", "1704070800000000", "epoch microseconds"),
        ("1704067200.0", "1704070800.0", "epoch seconds"),
        ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z", "ISO time"),
        ("2024-01-01 05:30:00+05:30", "2023-12-31T20:00:00-05:00", "ISO time"),
        ("2024-01-01 00:00:00", "2024-01-01 01:00:00", "ISO time without a zone, taken as UTC"),
        ("2024-01-01 00:00:00 UTC", "2024-01-01 01:00:00 UTC", "ISO time"),
        ("2024-01-01 12-AM", "2024-01-01 01-AM", "ISO time without a zone, taken as UTC"),
    ),
)
def test_times_are_read_in_any_zone_and_unit_and_the_way_is_told(folder, first, second, way):
    text = lines("time,open,high,low,close", f"{first},1,1,1,1", f"{second},1,1,1,1")
    found = folder.read(text, "BTCUSDT.csv")

    assert list(found.series["BTC/USDT"].opened) == [START, START + HOUR]
    assert f"({way})" in found.mapping[0]


@pytest.mark.parametrize(
    "time", ("01/02/2024", "1.70407E+12", "20240101000000", "", "yesterday", "1704067200123", "1999-01-01", "-5", "nan")
)
def test_a_time_that_can_be_read_in_two_ways_or_none_is_refused_with_its_line(folder, time):
    said = folder.refusal(lines(HEAD, row(0), row(1).replace(str(START + HOUR), time), row(2)))
    assert said.startswith("Line 3: time: ")


DUMPS = {
    "binance": (
        "BTCUSDT-1h-2024-01.csv",
        "1704067200000,10,12,9,11,5,1704070799999,55,7,2,22,0\n1704070800000,11,13,10,12,6,1704074399999,66,8,3,33,0\n",
        "a Binance data dump",
    ),
    "binance in microseconds": (
        "BTCUSDT-1h-2025-01.csv",
        "1704067200000000,10,12,9,11,5,1704070799999999,55,7,2,22,0\n1704070800000000,11,13,10,12,6,1704074399999999,66,8,3,33,0\n",
        "a Binance data dump",
    ),
    "kraken": ("XBTUSDT_60.csv", "1704067200,10,12,9,11,5,7\n1704070800,11,13,10,12,6,8\n", "a Kraken OHLCVT dump"),
    "coinbase": ("BTC-USDT.csv", "1704067200,9,12,10,11,5\n1704070800,10,13,11,12,6\n", "a Coinbase candle list"),
    "ccxt": ("BTC_USDT.csv", "1704067200000,10,12,9,11,5\n1704070800000,11,13,10,12,6\n", "candles without a header"),
    "cryptodatadownload": (
        "Binance_BTCUSDT_1h.csv",
        lines(
            "https://www.CryptoDataDownload.com",
            "Unix,Date,Symbol,Open,High,Low,Close,Volume USDT,Volume BTC,tradecount",
            "1704070800000,2024-01-01 01:00:00,BTCUSDT,11,13,10,12,99,6,8",
            "1704067200,2024-01-01 00:00:00,BTCUSDT,10,12,9,11,99,5,7",
        ),
        "a CryptoDataDownload export",
    ),
    "tradingview": (
        "BINANCE_BTCUSDT, 60.csv",
        "time,open,high,low,close,Volume,Volume MA\n2024-01-01T00:00:00Z,10,12,9,11,5,1\n2024-01-01T01:00:00Z,11,13,10,12,6,1\n",
        "a file with a header",
    ),
}


@pytest.mark.parametrize("name", DUMPS)
def test_exports_of_exchanges_are_recognised(folder, name):
    file, text, words = DUMPS[name]
    found = folder.read(text, file)
    bitcoin = found.series["BTC/USDT"]

    assert list(bitcoin.opened) == [START, START + HOUR]
    assert list(bitcoin.opens) == [10, 11]
    assert list(bitcoin.highs) == [12, 13]
    assert list(bitcoin.lows) == [9, 10]
    assert list(bitcoin.closes) == [11, 12]
    assert list(bitcoin.volumes) == [5, 6]
    assert f"Read as {words}" in found.mapping[0]


def test_seconds_and_milliseconds_in_one_file_are_told(folder):
    found = folder.read(DUMPS["cryptodatadownload"][1], DUMPS["cryptodatadownload"][0])
    assert found.findings == (
        "Times are written in several ways (epoch milliseconds, epoch seconds); each was read as it is.",
        "BTC/USDT: the newest candle stood first; the order was turned round.",
    )


def test_remarks_before_figures_without_a_header_are_passed_over(folder):
    found = folder.read("# made by hand\n" + DUMPS["ccxt"][1], "BTC_USDT.csv")
    assert len(found.series["BTC/USDT"]) == 2


def test_volume_in_dollars_is_not_taken_for_coins(folder):
    text = lines(
        "Date,Open,High,Low,Close,Adj Close,Volume", "2024-01-01,10,12,9,11,11,9999", "2024-01-02,10,12,9,11,11,9999"
    )
    found = folder.read(text, "BTC-USD.csv")

    assert list(found.series["BTC/USD"].volumes) == [0, 0]
    assert found.series["BTC/USD"].timeframe == timedelta(days=1)
    assert "its volume is in dollars and is left out" in found.mapping[0]


@pytest.mark.parametrize(
    "text", ("1704067200,1,1,1,1,1\n1704070800,1,1,1,1,1\n", "a;b;c\n1;2;3\n", "hello\n", "{}", "1,2\n")
)
def test_a_file_that_can_be_read_in_two_ways_or_none_is_refused(folder, text):
    assert "neither a header with the names time, symbol, open" in folder.refusal(text, "BTCUSDT.csv")


@pytest.mark.parametrize("text", ("", "\n\n", HEAD + "\n"))
def test_a_file_without_a_candle_is_refused(folder, text):
    assert folder.refusal(text, "BTCUSDT.csv") in {"It is empty.", "There is no candle in it."}


def test_a_header_without_a_price_names_what_is_missing(folder):
    said = folder.refusal(lines("time,open,high,close", "1704067200,1,1,1"), "BTCUSDT.csv")
    assert said.startswith("Line 1: no column for low is known among: time, open, high, close. Legal names:")
    assert "close stands there twice" in folder.refusal(lines("time,open,high,low,close,Close"), "BTCUSDT.csv")


@pytest.mark.parametrize("encoding", ("utf-8", "utf-8-sig", "utf-16"))
@pytest.mark.parametrize("end", ("\n", "\r\n"))
def test_byte_order_marks_and_line_ends_change_nothing(folder, encoding, end):
    text = end.join([HEAD, row(0), "", row(1), ""]).encode(encoding)
    assert list(folder.read(text).series["BTC/USDT"].closes) == [11, 11]


@pytest.mark.parametrize(
    ("first", "second", "read"),
    (
        ("1234,5", "1234,56", 1234.56),
        ("0,534", "0,535", 0.535),
        ("1.234,5", "1.234,567", 1234.567),
        ("1,234.5", "1,235", 1235.0),
        ("1234.5", "1235", 1235.0),
    ),
)
def test_semicolons_decimal_commas_and_marks_for_thousands_are_read_where_they_are_sure(folder, first, second, read):
    rows = [";".join([str(START + i * HOUR), *[cell] * 4]) for i, cell in enumerate((first, second))]
    assert folder.read(lines("time;open;high;low;close", *rows), "BTCUSDT.csv").series["BTC/USDT"].closes[1] == read


@pytest.mark.parametrize("cells", (("1,234", "1,235"), ("1.234", "2.345"), ("1,5", "2.5"), ("1,234.5", "1.234,5")))
def test_numbers_that_can_be_read_in_two_ways_are_refused(folder, cells):
    rows = [";".join([str(START + i * HOUR), *[cell] * 4]) for i, cell in enumerate(cells)]
    assert "two ways" in folder.refusal(lines("time;open;high;low;close", *rows), "BTCUSDT.csv")


def test_a_mark_for_thousands_in_quotation_marks_far_down_is_refused_with_its_line_and_field(folder):
    rows = [row(hour) for hour in range(700)]
    rows[650] = row(650, '"1,234"')
    assert folder.refusal(lines(HEAD, *rows)) == "Line 652: close: '1,234' is no number written like 1234.56."


@pytest.mark.parametrize("cell", ("1_0", "1 000", "abc", "inf", "1e999", "--", "$11"))
def test_what_is_no_number_is_refused_with_line_and_field(folder, cell):
    assert folder.refusal(lines(HEAD, row(0), row(1, cell))).startswith("Line 3: close: ")


def test_a_price_below_zero_and_a_negative_volume_are_refused(folder):
    assert folder.refusal(lines(HEAD, row(0), row(1, "-11"))) == (
        "Line 3: close: -11 is below zero; a price must be above it."
    )
    assert folder.refusal(lines(HEAD, row(0), row(1)[:-1] + "-5")) == "Line 3: volume: -5 is below zero."


@pytest.mark.parametrize(
    ("cell", "why"),
    (("", "no price"), ("NaN", "no price"), ("null", "no price"), ("0", "a price of 0"), ("0.00", "a price of 0")),
)
def test_a_row_without_a_price_is_a_gap_and_is_told(folder, cell, why):
    found = folder.read(lines(HEAD, row(0), row(1, cell), row(2), row(3)))

    assert list(found.series["BTC/USDT"].opened) == [START, START + 2 * HOUR, START + 3 * HOUR]
    assert found.findings == (f"1 row has {why}, first in line 3 (close): left out, as a gap.",)


def test_a_row_that_contradicts_itself_is_a_gap_and_many_of_them_are_a_wrong_column(folder):
    found = folder.read(lines(HEAD, row(0), row(1, "13"), row(2), row(3)))
    assert found.findings == (
        "1 row has prices that contradict each other, first in line 3 (close): left out, as a gap.",
    )
    said = folder.refusal(lines(HEAD, *(row(hour, "13") for hour in range(20))))
    assert said.startswith("Line 2: close: open, high, low and close contradict each other here and in 19 more rows.")


def test_a_close_that_was_rounded_beyond_its_high_is_taken_with_the_high_widened(folder):
    found = folder.read(lines(HEAD, row(0), row(1, "12.000001"), row(2)))
    assert found.series["BTC/USDT"].highs[1] == 12.000001


def test_a_missing_volume_counts_as_none_and_is_told(folder):
    found = folder.read(lines(HEAD, row(0), row(1)[:-1], row(2)))
    assert list(found.series["BTC/USDT"].volumes) == [5, 0, 5]
    assert found.findings == ("1 row has no volume, first in line 3 (volume): 0 was taken.",)


def test_disorder_is_sorted_and_newest_first_is_turned_and_both_are_told(folder):
    turned = folder.read(lines(HEAD, row(2, "9"), row(1, "10"), row(0, "11")))
    assert list(turned.series["BTC/USDT"].closes) == [11, 10, 9]
    assert turned.findings == ("BTC/USDT: the newest candle stood first; the order was turned round.",)

    sorted_ = folder.read(lines(HEAD, row(2, "9"), row(0, "11"), row(1, "10")))
    assert list(sorted_.series["BTC/USDT"].closes) == [11, 10, 9]
    assert sorted_.findings == ("BTC/USDT: the candles did not stand in order of time; they were sorted.",)


def test_equal_duplicates_are_dropped_and_different_ones_refused_with_both_lines(folder):
    found = folder.read(lines(HEAD, row(0), row(1), row(1), row(2)))
    assert len(found.series["BTC/USDT"]) == 3
    assert found.findings == ("BTC/USDT: 1 candle stood there twice.",)

    said = folder.refusal(lines(HEAD, row(0), row(1), row(2), row(1, "9.5")))
    assert "two different candles of 2024-01-01 01:00 UTC: line 3 and line 5" in said


def test_mixed_timeframes_are_refused_with_their_line(folder):
    half = row(3).replace(str(START + 3 * HOUR), str(START + 3 * HOUR - 1800))
    assert "the candle in line 5 does not lie a whole number of bars of 1 h" in folder.refusal(
        lines(
            HEAD, row(0), row(1), row(2), half, row(3), row(4), row(5), row(6), row(7), row(8), row(9), row(10), row(11)
        )
    )
    daily = [row(24 * day) for day in range(1, 9)]
    said = folder.refusal(lines(HEAD, *(row(hour) for hour in range(8)), *daily))
    assert said == "BTC/USDT: bars of 1 h and, from line 10 on, of 1 day. Timeframes may not be mixed."


def test_gaps_stay_gaps(folder):
    found = folder.read(lines(HEAD, row(0), row(1), row(30), row(31), row(90)))
    assert found.series["BTC/USDT"].timeframe == timedelta(hours=1)
    assert len(found.series["BTC/USDT"]) == 5


def test_a_single_row_needs_its_timeframe_told(folder):
    assert "has one candle only" in folder.refusal(lines(HEAD, row(0)))
    found = folder.read(lines(HEAD, row(0)), timeframe=timedelta(hours=4))
    assert found.series["BTC/USDT"].timeframe == timedelta(hours=4)
    assert folder.read(lines(HEAD, row(0, "1", "ETH/USDT").replace("9,1,", "0.5,1,"), row(0), row(1))).series[
        "ETH/USDT"
    ].timeframe == timedelta(hours=1)


def test_a_length_that_is_no_timeframe_is_refused(folder):
    assert "are no timeframe" in folder.refusal(lines(HEAD, row(0), row(24 * 60)))


def test_a_candle_that_is_not_over_is_left_out(folder):
    now = datetime.fromtimestamp(START + 3 * HOUR - 1, UTC)
    found = folder.read(lines(HEAD, row(0), row(1), row(2)), now=now)
    assert len(found.series["BTC/USDT"]) == 2
    assert found.findings == (
        "BTC/USDT: what begins at 2024-01-01 02:00 UTC or later is not over yet and was left out.",
    )


def test_rows_of_another_width_are_refused_with_their_line(folder):
    assert folder.refusal(lines(HEAD, row(0), row(1) + ",7")) == "Line 3: 8 cells stand there instead of 7."
    assert folder.refusal(lines(HEAD, row(0), row(1)[:20])).startswith("Line 3: ")


def test_what_is_no_text_is_refused_and_said(folder, tmp_path):
    assert "not UTF-8" in folder.refusal(HEAD.encode() + b"\n\xff\xfe\x00", "BTCUSDT.csv")
    assert "more than 100000 letters" in folder.refusal("1" * 300_000, "BTCUSDT.csv")
    assert folder.refusal(lines(HEAD, row(0), row(1, '"11'))).startswith("It is not a CSV file")
    with pytest.raises(InvalidInput, match=r"nothing\.csv cannot be read"):
        read_candles(tmp_path / "nothing.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match=r"There is no candle file"):
        read_candles([tmp_path / "empty"])


def test_a_file_without_a_column_symbol_takes_the_caller_s_or_that_of_its_name(folder):
    text = lines("time,open,high,low,close", f"{START},1,1,1,1", f"{START + HOUR},1,1,1,1")
    assert "does not tell one market surely" in folder.refusal(text, "export.csv")
    assert list(folder.read(text, "export.csv", symbol="SOL/USDT").series) == ["SOL/USDT"]
    assert list(folder.read(text, "SOLUSDT_1h_jan_feb_2024.csv").series) == ["SOL/USDT"]


def test_a_folder_is_read_as_one_and_names_the_file_of_a_fault(folder, tmp_path):
    head = "time,open,high,low,close"
    (tmp_path / "BTCUSDT-1h-2024-01.csv").write_text(lines(head, f"{START},1,1,1,1", f"{START + HOUR},1,1,1,1"))
    (tmp_path / "BTCUSDT-1h-2024-02.csv").write_text(lines(head, f"{START + 2 * HOUR},1,1,1,1"))
    (tmp_path / "ETH-USDT.csv").write_text(lines(head, f"{START},2,2,2,2", f"{START + HOUR},2,2,2,2"))
    found = read_candles(tmp_path)
    assert read_candles([tmp_path / "ETH-USDT.csv", tmp_path]).series == found.series

    assert {symbol: len(series) for symbol, series in found.series.items()} == {"BTC/USDT": 3, "ETH/USDT": 2}
    assert len(found.mapping) == 3
    (tmp_path / "ETH-USDT.csv").write_text(lines(head, f"{START},x,2,2,2"))
    with pytest.raises(InvalidInput, match=r"ETH-USDT\.csv: Line 2: open: 'x'"):
        read_candles(tmp_path)


def test_progress_is_told_in_bytes_and_its_exception_ends_the_reading(folder):
    heard = []
    text = lines(HEAD, *(row(hour) for hour in range(50_000)))
    folder.read(text, progress=lambda done, total: heard.append((done, total)))
    assert len(heard) >= 2
    assert heard[-1] == (len(text), len(text))

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises((InterruptedError, InvalidInput)):
        folder.read(text, progress=stop)
