"""The script that cuts the demo's data out of its source alters no figure."""

from datetime import date
from decimal import Decimal

import pytest

import build_demo_data

HEADER = "date,coin,price_usd,market_cap_usd,volume_usd\n"


def test_figures_are_written_out_and_nothing_else_changes(tmp_path):
    source = tmp_path / "source.csv"
    source.write_text(
        HEADER
        + "2013-04-28,BTC,135.3,1.5e+09,0\n"
        + "2020-02-20,BTC,9618.4092,1.7531294e+11,1\n2020-02-21,BTC,9600.10,1.75e+11,1\n"
        + "2020-02-20,BUSD,1.0002585,0,1\n2020-02-21,BUSD,1.0,0,1\n",
        encoding="ascii",
    )
    table = build_demo_data.read_source(source)
    build_demo_data.write_table(tmp_path / "prices.csv", table, 0)
    build_demo_data.write_table(tmp_path / "caps.csv", table, 1)
    prices = (tmp_path / "prices.csv").read_text(encoding="ascii").splitlines()
    caps = (tmp_path / "caps.csv").read_text(encoding="ascii").splitlines()
    assert prices[:4] == ["date,BTC,BUSD", "2020-02-20,9618.4092,1.0002585", "2020-02-21,9600.1,1", "2020-02-22,,"]
    assert caps[:3] == ["date,BTC,BUSD", "2020-02-20,175312940000,", "2020-02-21,175000000000,"]
    assert prices[-1] == "2022-09-10,,"


def test_a_first_row_that_repeats_in_the_second_was_filled_in_backwards():
    same, other = (Decimal(3), Decimal(5)), (Decimal(4), Decimal(5))
    days = {date(2020, 9, 17 + n): cell for n, cell in enumerate((same, same, other, other))}
    kept = build_demo_data.without_backfilled_first_row(days)
    assert list(kept) == [date(2020, 9, 18), date(2020, 9, 19), date(2020, 9, 20)]


@pytest.mark.parametrize(
    ("rows", "told"),
    (
        ("2021-01-01,BTC,0,1,1\n", "BTC on 2021-01-01: price 0"),
        ("2021-01-01,BTC,NaN,1,1\n", "price NaN"),
        ("2021-01-01,BTC,1,1,1\n2021-01-01,BTC,2,1,1\n", "BTC has two rows for 2021-01-01"),
    ),
)
def test_a_source_with_an_impossible_row_is_refused(tmp_path, rows, told):
    source = tmp_path / "source.csv"
    source.write_text(HEADER + rows, encoding="ascii")
    with pytest.raises(ValueError, match=told):
        build_demo_data.read_source(source)
