"""Safety rails delay or forbid; whatever they are set to, nothing is traded because of them (BEHAVIOUR.md 3.4)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rebalancer_gui.application.safety_commands import SetRails
from rebalancer_gui.domain.orders import Side
from rebalancer_gui.domain.rails import RAILS, AccountKind, Rail, RailSet, problems_with_rails
from tests.engine_bench import run
from tests.rails_bench import bench, running

Sent = dict[tuple[str, Side], Decimal]
PLAYFUL = RailSet(AccountKind.DEMO)


@st.composite
def settings_of_rails(draw: st.DrawFn) -> RailSet:
    """Legal values of the rails that can be set, and some that can be switched off."""
    kind = draw(st.sampled_from((AccountKind.LIVE, AccountKind.PAPER)))
    values: dict[Rail, Decimal] = {}
    off: set[Rail] = set()
    for rail, info in RAILS.items():
        if kind not in info.kinds or info.fixed:
            continue
        if info.switchable and draw(st.booleans()):
            off.add(rail)
        elif info.high > info.low and draw(st.booleans()):
            steps = int((info.high - info.low) / info.grid)
            values[rail] = info.low + info.grid * draw(st.integers(0, min(steps, 10_000)))
    assume(not problems_with_rails(kind, values, frozenset(off)))
    return RailSet(kind).with_settings(values, frozenset(off))


async def traded(rails: RailSet, price: str, other: str) -> Sent:
    """What is sent for one and the same drift, seen in three checks."""
    async with bench(RailSet(rails.kind)).running() as b:
        await running(b)
        if rails.values or rails.off:
            await b.do(lambda i: SetRails(i, "paper", rails.values, rails.off))
        for _ in range(3):
            await b.venue.push(BTC=price, ETH=other)
        sent: Sent = {}
        for post in b.venue.posts:
            key = (post.symbol, post.side)
            sent[key] = sent.get(key, Decimal(0)) + post.quantity
        return sent


prices = st.decimals(min_value="60", max_value="160", places=2).map(str)


@pytest.mark.rule("3.4g")
@settings(max_examples=25)
@given(settings_of_rails(), prices, prices)
def test_what_is_sent_under_any_rails_would_have_been_sent_without_them_and_no_less(
    rails: RailSet, price: str, other: str
) -> None:
    async def story() -> None:
        with_rails, without = await traded(rails, price, other), await traded(PLAYFUL, price, other)
        # A buy is sized by what the sell before it brought, which is the same or less.
        assert with_rails.keys() <= without.keys()
        assert all(quantity <= without[key] for key, quantity in with_rails.items())

    run(story)


def test_the_property_can_fail() -> None:
    """Some of the drifts are traded without rails, and rails at their defaults forbid some of those."""

    async def story() -> None:
        assert await traded(PLAYFUL, "106", "100")
        assert not await traded(replace(RailSet(AccountKind.LIVE)), "150", "100")

    run(story)
