"""Row 21 of the table of failures: filters that changed since the markets were read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import ResumeStrategy
from rebalancer_gui.application.events import CommandDone
from rebalancer_gui.domain.orders import IntentState
from rebalancer_gui.domain.strategy import State
from tests.protocol.faults import Script
from tests.protocol.rows_bench import built, core, drift, play, states


@pytest.mark.failure(21)
def test_a_second_refusal_by_the_rules_that_were_read_anew_halts_the_strategy_with_a_way_on() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            known = w.market.rules["BTC/USDT"]
            w.market.untold["BTC/USDT"] = replace(known, step_size=Decimal("0.0001"), min_quantity=Decimal("0.0001"))
            await drift(w)
            await w.wait(60)
            assert states(w) == [IntentState.REJECTED, IntentState.REJECTED]
            assert core(w).record.state is State.HALTED
            assert "after its trading rules were read anew: Filter failure: LOT_SIZE" in core(w).record.reason
            del w.market.untold["BTC/USDT"]
            assert isinstance(await w.ask(lambda i: ResumeStrategy(i, core(w).id)), CommandDone)
            await w.wait(60)
            assert states(w)[2:] == [IntentState.SETTLED, IntentState.SETTLED]
            assert core(w).record.state is State.RUNNING

    play(test)


@pytest.mark.failure(21)
def test_after_a_filter_changed_the_markets_are_read_anew_and_the_order_is_planned_once_more() -> None:
    async def test() -> None:
        async with built(Script()) as w:
            w.market.change("BTC/USDT", step_size=Decimal("0.0001"), min_quantity=Decimal("0.0001"))
            await drift(w)
            await w.wait(30)
            assert states(w)[0] is IntentState.REJECTED
            # Nobody told that the markets changed: the refusal did.
            assert states(w)[1:] == [IntentState.SETTLED, IntentState.SETTLED]
            assert w.account.rules["BTC/USDT"] == w.market.rules["BTC/USDT"]
            assert core(w).record.state is State.RUNNING

    play(test)
