"""Twenty strategies in one pot on the real paper venue: every unit has one owner, whatever comes and goes outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from rebalancer_gui.adapters.venues.simulated_book import Depth, FillRatio
from rebalancer_gui.application.commands import AcceptShortage, Command, PaperTransfer, ResumeStrategy, StopStrategy
from rebalancer_gui.application.events import CommandDone, CommandRejected
from rebalancer_gui.domain.ledger import strategy_account
from rebalancer_gui.domain.orders import OrderRequest, Side, SubmitOutcome
from rebalancer_gui.domain.strategy import HaltKind, RatioRule, State, TimeRule
from tests.builders import d, parameters
from tests.fakes import FakeStore
from tests.simulation.bench import ACCOUNT, DAY, Life, WithAwaits, World, run
from tests.simulation.invariants import Watch, held_at, watch

COINS = ("BTC", "ETH", "BNB", "XRP", "ADA")
HOUR = timedelta(hours=1)


class OwnUnitsOnly(WithAwaits):
    """A sell takes from nobody but its own strategy, and money of nobody else pays a buy."""

    async def submit(self, request: OrderRequest) -> SubmitOutcome:
        store = self.life.store
        assert isinstance(store, FakeStore)
        balances = dict(store._balances)
        (runner,) = self.life.engine._runners.values()
        (owner,) = [s for s in runner.account.strategies.values() if request.client_order_id in s.unresolved]
        others = {key: n for key, n in balances.items() if key[0] not in self._of(owner.id, request)}
        outcome = await super().submit(request)
        assert {key: n for key, n in store._balances.items() if key[0] not in self._of(owner.id, request)} == others
        reserved = balances[
            f"reserved:{request.client_order_id}", owner.unresolved[request.client_order_id].reserved_asset
        ]
        needed = request.quantity if request.side is Side.SELL else request.quantity * (request.limit_price or d(0))
        assert needed <= reserved
        return outcome

    @staticmethod
    def _of(owner: str, request: OrderRequest) -> set[str]:
        return {strategy_account(owner), f"reserved:{request.client_order_id}", "market", "fees"}


def world(path: Path) -> tuple[World, Watch]:
    made = World(
        path=path,
        depth=Depth(levels=6, value=Decimal(400)),
        fill_ratio=FillRatio(Decimal("0.6"), Decimal(1)),
        make_venue=OwnUnitsOnly,
    )
    return made, watch(made)


async def create_twenty(life: Life) -> list[str]:
    made = []
    for number in range(20):
        coins = {COINS[(number + i) % 5]: 25 for i in range(4)}
        rule = RatioRule(d("0.5"), HOUR) if number % 2 else TimeRule(6 * HOUR, d("0.5"))
        made.append(await life.create(parameters(name=f"S{number}", investment="400", rule=rule, **coins)))
    return made


async def done(life: Life, make: Callable[[str], Command]) -> None:
    answer = await life.ask(make)
    assert isinstance(answer, CommandDone), answer


def transfer(asset: str, amount: str) -> Callable[[str], Command]:
    def make(command_id: str) -> Command:
        return PaperTransfer(command_id, ACCOUNT, asset, Decimal(amount))

    return make


def assert_all_owned(life: Life) -> None:
    """Strategies and free pool are the venue, less what is missing."""
    (runner,) = life.engine._runners.values()
    inside, short = runner.account.wallet.inside_totals(), runner.account.shortages
    less = {asset: amount - short.get(asset, d(0)) for asset, amount in inside.items()}
    assert {asset: amount for asset, amount in less.items() if amount} == held_at(life.venue)


@pytest.mark.rule("1.6", "2.2", "12.6b")
@pytest.mark.failure(49)
def test_twenty_strategies_share_one_account_and_each_unit_has_one_owner(tmp_path: Path) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")

    async def story() -> None:
        async with made.running() as life:
            ids = await create_twenty(life)
            one_more = await life.refused(parameters(name="One more", investment="100", BTC=50, ETH=50))
            assert one_more.field == "strategies"
            await life.market(6 * DAY)
            assert {s.state for s in life.view.strategies} == {State.RUNNING}
            assert all(s.rebalances > 3 for s in life.view.strategies)
            # One ends and sells: nobody else loses a unit.
            others = {s: life.owned(s) for s in ids[1:]}
            await life.ask(lambda i: StopStrategy(i, ids[0], sell_all=False))
            assert {s: life.owned(s) for s in ids[1:]} == others
            assert life.owned(ids[0]) == {}
            assert_all_owned(life)
            watcher.check()

    run(story)


@pytest.mark.rule("1.6", "10.13", "7.9")
@pytest.mark.failure(51)
def test_deposits_and_withdrawals_outside_are_noticed_explained_and_never_invested(tmp_path: Path) -> None:
    made, watcher = world(tmp_path / "venue.sqlite")

    async def story() -> None:
        async with made.running() as life:
            ids = await create_twenty(life)
            await life.market(DAY)
            profits = {s.id: s.score.profit for s in life.view.strategies}
            await done(life, transfer("USDT", "5000"))
            await done(life, transfer("BTC", "0.25"))
            assert life.view.free == {"USDT": d(7000), "BTC": d("0.25")}
            assert {s.id: s.score.profit for s in life.view.strategies} == profits
            await life.market(DAY)
            assert life.view.free == {"USDT": d(7000), "BTC": d("0.25")}, "nothing is invested by itself"

            # All ADA that is free goes, and a third of what the strategies hold besides.
            holders = {s: life.owned(s)["ADA"] for s in ids if life.owned(s).get("ADA")}
            third = sum(holders.values(), d(0)) / 3
            third = third.quantize(d("0.00000001"))
            profits = {s.id: s.score.profit for s in life.view.strategies}
            await done(life, transfer("ADA", str(-third)))
            shown = {s.id: s for s in life.view.strategies}
            assert {i for i in ids if shown[i].halt is HaltKind.SHORT} == set(holders)
            assert all(shown[i].state is State.RUNNING for i in ids if i not in holders)
            missing = {i: dict(shown[i].missing)["ADA"] for i in holders}
            assert sum(missing.values()) == third
            for core, part in missing.items():
                assert abs(part - holders[core] / 3) < d("0.0000001"), "in proportion to what each holds"
            assert_all_owned(life)
            sent = len(made.posts)
            await life.market(DAY)
            of_short = [p for p in made.posts[sent:] if "ADA" in p.symbol]
            assert of_short == [], "nothing is bought back, and who is short sends nothing"

            # One accepts, one waits; then all of the rest is deposited again.
            first, *rest = holders
            before = life.strategy(first).score.profit
            await done(life, lambda i: AcceptShortage(i, first))
            after = life.strategy(first).score.profit
            assert before is not None
            assert after is not None
            assert abs(before - after) < d("0.0000000001")
            await done(life, transfer("ADA", str(third - missing[first])))
            for core in holders:
                assert life.strategy(core).resumable == ""
                await done(life, partial(ResumeStrategy, strategy_id=core))
            await life.market(DAY)
            assert {s.state for s in life.view.strategies} == {State.RUNNING}
            assert_all_owned(life)
            assert rest
            watcher.check()

            too_much = await life.ask(transfer("BTC", "-1000"))
            assert isinstance(too_much, CommandRejected)
            said = [row.text for row in life.store.journal(None, None, 10_000) if row.kind == "transfer"]
            assert "5,000 USDT came in from outside: booked to the free pool, not invested." in said
            assert any("belong to strategies are missing at the exchange" in text for text in said)

    run(story)
