"""The demo market's daily prices and market caps, read from ``resources/demo``.

The row of date D is the price at 00:00 UTC of D (an exchange's daily close of D - 1), and its market cap belongs to the
same moment. So at market time t the newest known row is the one of t's own date: there is no look-ahead as long as the
caller asks for days up to ``t.date()``.
"""

from __future__ import annotations

import csv
import decimal
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NoReturn

from rebalancer_gui.domain.errors import EnvironmentProblem

PRICES_FILE = "daily_prices.csv"
MARKET_CAPS_FILE = "daily_market_caps.csv"
QUOTE_ASSET = "USDT"
_ONE_DAY = timedelta(days=1)
_ONE = Decimal(1)
_PRICE_CONTEXT = decimal.Context(prec=10, rounding=decimal.ROUND_HALF_EVEN)
"""The source has eight significant digits; ten keep the division by the USDT price from showing."""


class DailyTable:
    """One CSV file: a line a day, a column a coin, an empty cell where there is no figure.

    Cells become Decimals when they are asked for: most never are. Raises EnvironmentProblem, naming file and line, on
    anything that is not such a table.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open(newline="", encoding="ascii") as file:
                rows = list(csv.reader(file))
        except (OSError, UnicodeDecodeError) as error:
            raise EnvironmentProblem(
                f"The demo market's file {path.name} cannot be read: {error}.", "Install the program again."
            ) from error
        header = rows[0] if rows else []
        if header[:1] != ["date"] or len(header) < 2 or len(set(header)) != len(header):
            self._refuse(1, "the first line must be 'date' and one name per coin")
        self._columns: Mapping[str, int] = {coin: i for i, coin in enumerate(header) if i}
        self._rows: dict[date, list[str]] = {}
        previous: date | None = None
        for number, row in enumerate(rows[1:], start=2):
            if len(row) != len(header):
                self._refuse(number, f"{len(row)} columns instead of {len(header)}")
            try:
                day = date.fromisoformat(row[0])
            except ValueError:
                self._refuse(number, f"{row[0]!r} is not a date")
            if previous is not None and day <= previous:
                self._refuse(number, f"{day} does not come after {previous}")
            self._rows[day] = row
            previous = day

    def _refuse(self, line: int, what: str) -> NoReturn:
        raise EnvironmentProblem(
            f"The demo market's file {self._path.name} is damaged in line {line}: {what}.", "Install the program again."
        )

    @property
    def coins(self) -> tuple[str, ...]:
        return tuple(self._columns)

    @property
    def days(self) -> Sequence[date]:
        return tuple(self._rows)

    def has(self, coin: str, day: date) -> bool:
        """Whether there is a figure, without reading it."""
        row, column = self._rows.get(day), self._columns.get(coin)
        return row is not None and column is not None and bool(row[column])

    def value(self, coin: str, day: date) -> Decimal | None:
        """The figure, > 0; None for an unknown coin, an unknown day and an empty cell."""
        row, column = self._rows.get(day), self._columns.get(coin)
        if row is None or column is None or not row[column]:
            return None
        try:
            figure = Decimal(row[column])
        except decimal.InvalidOperation:
            figure = Decimal(0)
        if not figure.is_finite() or figure <= 0:
            line = list(self._rows).index(day) + 2
            self._refuse(line, f"{row[column]!r} in column {coin} is not a number above 0")
        return figure


class DailyHistory:
    """Daily prices in USDT and market caps in USD of the demo's coins. Files are read at the first question."""

    quote = QUOTE_ASSET

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._price_of = lru_cache(maxsize=256)(self._price)

    @cached_property
    def _prices(self) -> DailyTable:
        return DailyTable(self._folder / PRICES_FILE)

    @cached_property
    def _market_caps(self) -> DailyTable:
        return DailyTable(self._folder / MARKET_CAPS_FILE)

    @cached_property
    def coins(self) -> tuple[str, ...]:
        """All coins that can be bought, in alphabetical order; the quote asset is money, not a coin."""
        return tuple(sorted(coin for coin in self._prices.coins if coin != self.quote))

    @cached_property
    def _ranges(self) -> Mapping[str, tuple[date, date]]:
        found = {}
        for coin in self.coins:
            days = [day for day in self._prices.days if self._prices.has(coin, day)]
            if days:
                found[coin] = days[0], days[-1]
        return found

    def first_day(self, asset: str) -> date | None:
        """The first day with a price; None when there is none."""
        found = self._ranges.get(asset)
        return found[0] if found else None

    def last_day(self, asset: str) -> date | None:
        """The last day with a price; None when there is none."""
        found = self._ranges.get(asset)
        return found[1] if found else None

    def common_range(self, assets: Iterable[str]) -> tuple[date, date] | None:
        """First and last day on which all ``assets`` have a price range; None when there is no such day."""
        ranges = [self._ranges.get(asset) for asset in assets if asset != self.quote]
        known = [found for found in ranges if found is not None]
        if not known or len(known) < len(ranges):
            return None
        first, last = max(found[0] for found in known), min(found[1] for found in known)
        return (first, last) if first <= last else None

    def price(self, asset: str, day: date) -> Decimal | None:
        """USDT per unit at 00:00 UTC of ``day``: the dollar price over the dollar price of USDT; None in a gap."""
        return self._price_of(asset, day)

    def _price(self, asset: str, day: date) -> Decimal | None:
        dollars_per_quote = self._prices.value(self.quote, day)
        if asset == self.quote:
            return None if dollars_per_quote is None else _ONE
        dollars = self._prices.value(asset, day)
        if dollars is None or dollars_per_quote is None:
            return None
        return _PRICE_CONTEXT.divide(dollars, dollars_per_quote)

    def market_cap(self, asset: str, day: date) -> Decimal | None:
        """USD at 00:00 UTC of ``day``; None where the source did not know it."""
        return self._market_caps.value(asset, day)

    def closes(self, asset: str, until_day: date, count: int) -> tuple[Decimal, ...]:
        """The last ``count`` daily closes known on ``until_day``, oldest first, in USDT.

        The newest is the price at 00:00 UTC of ``until_day``. The series ends at the first gap, looking backwards, so it
        may be shorter than asked.
        """
        found: list[Decimal] = []
        day = until_day
        while len(found) < count:
            price = self.price(asset, day)
            if price is None:
                break
            found.append(price)
            day -= _ONE_DAY
        found.reverse()
        return tuple(found)


class HistoricalMarketCaps:
    """The port MarketCapSource over the daily history: at market time t it knows rows up to the date of t, none later."""

    attribution = "Data provided by CoinGecko"

    def __init__(self, history: DailyHistory) -> None:
        self._history = history

    @cached_property
    def _days(self) -> tuple[date, date] | None:
        """The first day with a price of any coin and the last with one of all; None when there is no such last day. Asked for
        with every picture of the account, and the files do not change.
        """
        common = self._history.common_range(self._history.coins)
        first = min((day for coin in self._history.coins if (day := self._history.first_day(coin))), default=None)
        return None if common is None or first is None else (first, common[1])

    def _known_day(self, at: datetime) -> date | None:
        days = self._days
        return None if days is None or at.date() < days[0] else min(at.date(), days[1])

    def market_caps(self, assets: Sequence[str], at: datetime) -> Mapping[str, Decimal]:
        """Caps in USD by asset; an asset whose cap is not known at ``at`` is left out."""
        day = self._known_day(at)
        if day is None:
            return {}
        found = {asset: self._history.market_cap(asset, day) for asset in assets}
        return {asset: cap for asset, cap in found.items() if cap is not None}

    def price(self, asset: str, at: datetime) -> Decimal | None:  # noqa: ARG002 -- of the port
        """None: the demo market trades at the prices of the same rows."""
        return None

    def as_of(self, at: datetime) -> date | None:
        """The date of the newest row known at ``at``; the last row's date once the history is over."""
        return self._known_day(at)

    def closes(self, asset: str, at: datetime, days: int) -> Sequence[Decimal]:
        """The last ``days`` daily closes known at ``at``, oldest first; fewer where there are fewer."""
        day = self._known_day(at)
        return self._history.closes(asset, day, days) if day is not None else ()
