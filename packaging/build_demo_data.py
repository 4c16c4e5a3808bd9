"""Make ``resources/demo/*.csv`` out of a CoinGecko collection of daily prices and market caps.

    python3 packaging/build_demo_data.py SOURCE.csv [--out resources/demo]

The source has the columns ``date,coin,price_usd,market_cap_usd``. The row of date D is the price at 00:00 UTC of D, so
it equals an exchange's daily close of D - 1; nothing is shifted here, the reader keeps to that meaning.

What the script changes, and nothing else:

* dates outside FIRST_DAY..LAST_DAY are left out;
* ``1.5e+09`` is written out as ``1500000000``: the same number, without an exponent;
* a market cap of zero means that the source did not know it: the cell stays empty;
* a coin's first row that repeats in price and cap in its second row was filled in backwards before the coin traded:
  it is left out.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import itertools
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

FIRST_DAY = dt.date(2020, 2, 20)
LAST_DAY = dt.date(2022, 9, 10)

Cell = tuple[Decimal, Decimal]
Table = dict[str, dict[dt.date, Cell]]
"""Per coin and day: price and market cap in USD (a cap of 0 is unknown)."""


def read_source(path: Path) -> Table:
    """The rows of the wanted days. Raises ValueError, naming coin and day, on a second row or a price that is not > 0."""
    table: Table = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = dt.date.fromisoformat(row["date"])
            if not FIRST_DAY <= day <= LAST_DAY:
                continue
            price, cap = Decimal(row["price_usd"]), Decimal(row["market_cap_usd"] or "0")
            days = table.setdefault(row["coin"], {})
            if day in days:
                raise ValueError(f"{row['coin']} has two rows for {day}.")
            if not (price.is_finite() and price > 0 and cap.is_finite() and cap >= 0):
                raise ValueError(f"{row['coin']} on {day}: price {price}, market cap {cap}.")
            days[day] = price, cap
    return table


def without_backfilled_first_row(days: Mapping[dt.date, Cell]) -> dict[dt.date, Cell]:
    """Drop the first row where the second repeats it exactly."""
    kept = dict(sorted(days.items()))
    first, second = list(kept)[:2]
    if kept[first] == kept[second]:
        del kept[first]
    return kept


def plain(number: Decimal) -> str:
    """Plain notation without trailing zeros after the point."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_table(path: Path, table: Table, column: int) -> None:
    """One line a day, one column a coin; an empty cell is a gap."""
    coins = sorted(table)
    with path.open("w", newline="", encoding="ascii") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["date", *coins])
        for offset in range((LAST_DAY - FIRST_DAY).days + 1):
            day = FIRST_DAY + dt.timedelta(days=offset)
            cells = [table[coin].get(day) for coin in coins]
            out.writerow([day.isoformat(), *("" if c is None or not c[column] else plain(c[column]) for c in cells)])


def findings(table: Table) -> list[str]:
    """What a reader of the data should know: first days, gaps, unknown caps."""
    lines = []
    for coin, days in sorted(table.items()):
        ordered = list(days)
        gaps = sum((later - earlier).days - 1 for earlier, later in itertools.pairwise(ordered))
        unknown = sum(1 for _, cap in days.values() if not cap)
        lines.append(f"{coin}: {ordered[0]} to {ordered[-1]}, {gaps} days missing, {unknown} unknown market caps")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Trim daily prices and market caps for the demo market.")
    parser.add_argument("source", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "resources" / "demo")
    arguments = parser.parse_args()
    table = {coin: without_backfilled_first_row(days) for coin, days in read_source(arguments.source).items()}
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_table(arguments.out / "daily_prices.csv", table, 0)
    write_table(arguments.out / "daily_market_caps.csv", table, 1)
    print("\n".join(findings(table)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
