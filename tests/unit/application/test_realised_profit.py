"""Realised and unrealised profit of a strategy and of the account: together they are the profit, whatever happens."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rebalancer_gui.application.commands import AddFunds, ChangeCoins, RebalanceNow, RemoveFunds, StopStrategy
from rebalancer_gui.domain.coin_result import CoinResult
from rebalancer_gui.domain.money import ZERO, total
from rebalancer_gui.domain.strategy import HeldCoin, RatioRule, State, StrategyParameters
from tests.builders import d, parameters, rules_for, targets, with_levels
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

HOUR = timedelta(hours=1)


def venue(fee: str = "0", **coins: str) -> ScriptedVenue:
    made = ScriptedVenue(rules_for("BTC", "ETH", "BNB", min_notional="10"), money="10000", fee=fee)
    made.held.update({asset: d(amount) for asset, amount in coins.items()})
    return made


def calm(**kind) -> StrategyParameters:
    return parameters(rule=RatioRule(d(50)), **kind)


def parted(bench: Bench, strategy_id: str) -> tuple[Decimal, Decimal]:
    """Realised and unrealised, which must be the profit together, to the last digit."""
    score = bench.strategy(strategy_id).score
    assert score.profit is not None
    assert score.realised is not None
    assert score.unrealised is not None
    assert score.realised + score.unrealised == score.profit
    return score.realised, score.unrealised


def of_coins(bench: Bench, strategy_id: str) -> Decimal:
    return sum((r.realised for r in bench.strategy(strategy_id).results.values() if r.realised is not None), ZERO)


@pytest.mark.rule("10.2")
def test_a_rise_is_on_paper_until_it_is_sold_and_a_sale_realises_its_share_also_over_a_restart() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(investment="1000", BTC=50, ETH=50))
            await bench.venue.push()
            assert parted(bench, core) == (ZERO, ZERO)
            for price in ("110", "120", "130", "140"):
                await bench.venue.push(BTC=price)
            assert parted(bench, core) == (ZERO, d(200))
            await bench.do(lambda i: RebalanceNow(i, core))
            await bench.venue.push()
            # 700 and 500: BTC for 100 is sold, of which 100 / 1.4 stood in the books.
            realised, on_paper = parted(bench, core)
            assert abs(realised - (100 - 100 / d("1.4"))) < d("0.0001")
            assert abs(realised + on_paper - 200) < d("0.0001")
            assert of_coins(bench, core) == realised
            assert (bench.view.realised, bench.view.unrealised) == (realised, on_paper)
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert parted(later, core) == (realised, on_paper)

    run(story)


@pytest.mark.rule("10.2", "8.1")
@pytest.mark.parametrize("fee", ("0", "0.001"))
def test_the_two_are_the_profit_through_a_whole_life(fee: str) -> None:
    async def story() -> None:
        bench = Bench(venue(fee, BTC="3"))
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="50", BNB="10")
            core = await bench.create(calm(investment="700", BTC=50, ETH=50), (HeldCoin("BTC", d(3), d(20)),))
            await bench.venue.push()
            await bench.venue.push(BTC="109", ETH="46")
            # What its owner once paid for the coins is no profit of the strategy.
            assert abs(total(parted(bench, core))) < 60
            await bench.do(lambda i: AddFunds(i, core, d(500)))
            await bench.venue.push(HOUR)
            before = total(parted(bench, core))
            await bench.do(lambda i: RemoveFunds(i, core, d(400)))
            await bench.venue.push()
            assert abs(total(parted(bench, core)) - before) < 2  # a removal is no profit; its fees are
            await bench.venue.push(BTC="118", ETH="49")
            await bench.do(lambda i: ChangeCoins(i, core, targets(ETH=50, BNB=50)))
            await bench.venue.push()
            realised, on_paper = parted(bench, core)
            assert bench.strategy(core).results["BTC"].basis == 0
            assert abs(of_coins(bench, core) - realised) < d("1e-9")
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            await bench.venue.push()
            assert bench.strategy(core).state is State.ENDED
            ended = parted(bench, core)
            assert ended[1] == 0  # it holds nothing: all of it is realised
            assert abs(ended[0] - (realised + on_paper)) < d("1e-9")
            assert abs(of_coins(bench, core) - ended[0]) < d("1e-9")
        later = bench.again()
        async with later.running():
            await later.venue.push()
            assert parted(later, core) == ended
            assert (later.view.realised, later.view.unrealised) == ended

    run(story)


def test_held_coins_that_waited_for_a_trigger_stand_at_their_price_of_the_start() -> None:
    async def story() -> None:
        bench = Bench(venue(BTC="5"))
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            wanted = with_levels(calm(investment="500", BTC=50, ETH=50), trigger="150")
            core = await bench.create(wanted, (HeldCoin("BTC", d(5), None),))
            await bench.venue.push()
            assert bench.strategy(core).score.realised is None
            for price in ("109", "118", "129", "141", "150", "150", "150", "150"):
                await bench.venue.push(BTC=price)
            assert bench.strategy(core).state is State.RUNNING
            assert parted(bench, core) == (ZERO, ZERO)

    run(story)


@pytest.mark.parametrize("known", (True, False))
def test_where_the_basis_is_not_known_it_says_so_and_does_not_guess(known: bool) -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(investment="1000", BTC=50, ETH=50))
            await bench.venue.push()
        if not known:
            bench.store.open()
            with bench.store.transaction():  # as in a file of an earlier version
                bench.store.save_results(core, {"BTC": CoinResult(None, None)})
            bench.store.close()
        later = bench.again()
        async with later.running():
            await later.venue.push(BTC="105")
            score = later.strategy(core).score
            assert score.profit == 25
            assert (score.realised, score.unrealised) == ((0, 25) if known else (None, None))
            assert later.view.realised == (0 if known else None)
            await later.do(lambda i: StopStrategy(i, core, sell_all=True))
            await later.venue.push()
            assert parted(later, core) == (d(25), ZERO)

    run(story)
