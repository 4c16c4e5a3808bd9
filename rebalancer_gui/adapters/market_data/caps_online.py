"""Market caps of now from CoinGecko and CoinPaprika: one question a reading (more only for more than 250 coins)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from rebalancer_gui.adapters.market_data.caps_http import Row, ask, figure, is_fresh
from rebalancer_gui.adapters.market_data.coin_ids import CoinId
from rebalancer_gui.application.market_caps import CapsUnavailable, CoinFigures
from rebalancer_gui.application.ports import Clock

COINGECKO = "https://api.coingecko.com/api/v3"
COINPAPRIKA = "https://api.coinpaprika.com/v1"
KEY_HEADER = "x-cg-demo-api-key"
_PAGE = 250


class CoinGeckoCaps:
    """``OnlineCaps``. ``key`` gives the owner's demo key ("" = none: the public interface is asked); it may take a while."""

    name = "CoinGecko"
    attribution = "Data provided by CoinGecko"

    def __init__(
        self,
        coins: Iterable[CoinId],
        clock: Clock,
        key: Callable[[], Awaitable[str]],
        root: str = COINGECKO,
    ) -> None:
        self._coins = [coin for coin in coins if coin.coingecko]
        self._clock, self._key, self._root = clock, key, root

    async def read(self) -> Mapping[str, CoinFigures]:
        key = await self._key()
        headers = {KEY_HEADER: key} if key else {}
        ids = sorted({coin.coingecko for coin in self._coins})
        rows: list[Row] = []
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            parameters = {"vs_currency": "usd", "ids": ",".join(page), "per_page": str(_PAGE), "page": "1"}
            rows += await ask(self.name, f"{self._root}/coins/markets", parameters, self._clock, headers)
        now = self._clock.now()
        found = {
            str(row.get("id")): (_ticker(row), row.get("market_cap"), row.get("current_price"))
            for row in rows
            if is_fresh(row.get("last_updated"), now)
        }
        return _figures(self.name, [(coin, coin.coingecko) for coin in self._coins], found)


class CoinPaprikaCaps:
    """``OnlineCaps``. No key; its answer holds every coin there is."""

    name = "CoinPaprika"
    attribution = "Data provided by CoinPaprika"

    def __init__(self, coins: Iterable[CoinId], clock: Clock, root: str = COINPAPRIKA) -> None:
        self._coins = [coin for coin in coins if coin.coinpaprika]
        self._clock, self._root = clock, root

    async def read(self) -> Mapping[str, CoinFigures]:
        rows = await ask(self.name, f"{self._root}/tickers", {"quotes": "USD"}, self._clock)
        now = self._clock.now()
        found: dict[str, tuple[str, object, object]] = {}
        for row in rows:
            quotes = row.get("quotes")
            dollars = quotes.get("USD") if isinstance(quotes, dict) else None
            if isinstance(dollars, dict) and is_fresh(row.get("last_updated"), now):
                found[str(row.get("id"))] = _ticker(row), dollars.get("market_cap"), dollars.get("price")
        return _figures(self.name, [(coin, coin.coinpaprika) for coin in self._coins], found)


def _ticker(row: Row) -> str:
    ticker = row.get("symbol")
    return ticker.upper() if isinstance(ticker, str) else ""


def _figures(
    name: str, wanted: Sequence[tuple[CoinId, str]], found: Mapping[str, tuple[str, object, object]]
) -> Mapping[str, CoinFigures]:
    """A coin counts only where the row of its id bears its ticker too. An answer with less than half of them is none."""
    figures: dict[str, CoinFigures] = {}
    for coin, source_id in wanted:
        ticker, cap_text, price_text = found.get(source_id, ("", None, None))
        cap, price = figure(cap_text), figure(price_text)
        if ticker in coin.symbols and cap is not None and price is not None:
            figures[coin.asset] = CoinFigures(cap, Decimal(price * coin.multiplier))
    if 2 * len(figures) < len(wanted) or not figures:
        raise CapsUnavailable(f"{name} told market caps of {len(figures)} coins out of {len(wanted)} only.")
    return figures
