"""Puts the built-in paper account together: a replay of real history, or a random walk of any coins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from rebalancer_gui.adapters.market_data.first_start import read_first_start
from rebalancer_gui.adapters.market_data.history import DailyHistory
from rebalancer_gui.adapters.market_data.market_rules import RandomWalkSettings, read_market_rules, read_random_walk
from rebalancer_gui.adapters.market_data.random_walk import RandomWalkPrices
from rebalancer_gui.adapters.market_data.replay import ReplayPrices, midnight
from rebalancer_gui.adapters.venues.paper import PaperVenue
from rebalancer_gui.adapters.venues.price_script import MarketSettings, PriceScript, PriceScripts, WalkStart
from rebalancer_gui.application.ports import Clock
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.market import MarketRules

RULES_FILE = Path("markets") / "paper_spot.toml"
WALK_FILE = Path("markets") / "random_walk.toml"
FIRST_START_FILE = Path("demo") / "first_start.toml"


def build_demo_venue(
    path: Path | None,
    wall_clock: Clock,
    *,
    resources: Path,
    history: DailyHistory,
    seed: int | None = None,
    start: date | None = None,
    speed: int | None = None,
    random_walk: bool = False,
) -> PaperVenue:
    """The paper account whose file is ``path`` (None = memory only); what the file holds goes before the arguments.

    ``seed``, ``start`` and ``speed`` are those of the first start where they are None; a ``speed`` that is given counts for
    an account that is there already too. With ``random_walk`` the coins of
    ``markets/random_walk.toml`` start at ``start`` from the prices there instead of the replay. Raises InvalidInput on a
    start outside the history, EnvironmentProblem on damaged resources.
    """
    first = read_first_start(resources / FIRST_START_FILE)
    rules = read_market_rules(resources / RULES_FILE)
    walks = read_random_walk(resources / WALK_FILE)
    moment = midnight(first.start_date if start is None else start)
    walk = None
    if random_walk:
        coins = [market.base for market in rules.values() if market.base in walks.start_prices]
        walk = WalkStart(moment, {coin: walks.start_prices[coin] for coin in coins})
    else:
        _check_start(moment, _range(history, rules))
    return PaperVenue(
        demo_scripts(history, walks, rules),
        wall_clock,
        rules,
        path,
        start=moment,
        seed=first.seed if seed is None else seed,
        walk=walk,
        speed=first.speed,
        speed_now=speed,
    )


def demo_scripts(history: DailyHistory, walks: RandomWalkSettings, rules: Mapping[str, MarketRules]) -> PriceScripts:
    """The replay of ``history`` to its last common day, or the random walk that the account's settings ask for.

    A walk that follows the replay has the volatility of the replay's last days, any other that of ``walks``.
    """

    def scripts(settings: MarketSettings) -> PriceScript:
        walk, seed = settings.walk, settings.seed
        replay = ReplayPrices(history, seed)
        if walk is None:
            first, last = _range(history, rules)
            text = f"Replay of daily prices {first:%Y-%m} to {last:%Y-%m} (CoinGecko), moves inside a day are simulated"
            return PriceScript(replay, text, midnight(last), _coins(history, rules))
        if walk.at == settings.start:
            volatility, text = walks.volatility, f"Simulated random walk, seed {seed}"
        else:
            volatility = {coin: replay.volatility(coin, walk.at.date()) for coin in walk.prices}
            text = f"Simulated random walk from the last prices of {walk.at:%Y-%m-%d}, seed {seed}"
        path = RandomWalkPrices(seed, walk.at, walk.prices, volatility)
        return PriceScript(path, text, coins=frozenset(walk.prices))

    return scripts


def _coins(history: DailyHistory, rules: Mapping[str, MarketRules]) -> frozenset[str]:
    """The coins that have both a history and a market."""
    return frozenset(market.base for market in rules.values()) & frozenset(history.coins)


def _range(history: DailyHistory, rules: Mapping[str, MarketRules]) -> tuple[date, date]:
    common = history.common_range(_coins(history, rules))
    if common is None:
        raise EnvironmentProblem("The demo market's coins have no day in common.", "Install the program again.")
    return common


def _check_start(start: datetime, days: tuple[date, date]) -> None:
    first, last = days
    if not midnight(first) <= start < midnight(last):
        raise InvalidInput("start", f"The demo can start on a day from {first} to {last - timedelta(days=1)}.")
