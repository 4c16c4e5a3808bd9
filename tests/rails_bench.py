"""An engine with the rails of a live account, and the steps that most of its tests begin with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.domain.strategy import RatioRule, State, Target
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench
from tests.scripted_venue import ScriptedVenue

LIVE = RailSet(AccountKind.LIVE)
LATER = timedelta(seconds=61)


def bench(rails: RailSet = LIVE, *coins: str, **options) -> Bench:
    return Bench(ScriptedVenue(rules_for(*(coins or ("BTC", "ETH", "XRP"))), **options), rails=rails)


async def running(b: Bench, *coins: str) -> str:
    """A built strategy of equal weights whose prices moved a little in the minute after."""
    coins = coins or ("BTC", "ETH")
    for coin in coins:
        b.venue.set_price(coin, "100")
    await b.venue.push()
    asked = parameters(rule=RatioRule(d(1)))
    core = await b.create(replace(asked, targets=tuple(Target(c, d(100) / len(coins)) for c in coins)))
    await b.venue.push()
    assert b.strategy(core).state is State.RUNNING
    await b.venue.push(LATER, BTC="100.01")
    b.venue.posts.clear()
    return core


async def drift(b: Bench, price: str = "106") -> None:
    """Two checks that see the same drift."""
    await b.venue.push(BTC=price)
    await b.venue.push()
