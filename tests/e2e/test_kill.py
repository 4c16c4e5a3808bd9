"""kill -9 of the real command at many moments, over one and the same data folder: nothing is lost, nothing is doubled."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from rebalancer_gui.domain.allocation import equal_weights
from rebalancer_gui.domain.strategy import RatioRule, StrategyParameters, TimeRule
from tests.e2e.program import PATIENCE_S, READY, Program, make_strategies
from tests.support.ledger_check import Audit, audit

FULL_SPEED = 86_400
TRADED = r": (by coin ratio|by time|first build).*: (buy|sell)"
COINS = ("BTC", "ETH", "BNB", "XRP", "ADA", "SOL", "DOT", "LTC", "LINK", "DOGE", "TRX", "EOS", "UNI", "BCH", "MATIC")
LONGEST_WAIT_S = 0.7
"""Of a kill at no particular moment: some fall into the start and its recovery, most into trading."""
SAFE_STOP_EVERY = 5


def strategies() -> list[StrategyParameters]:
    """Ten over the whole market, sharing coins, that find something to trade at nearly every batch of quotes."""
    chosen = []
    for number in range(10):
        coins = [COINS[(3 * number + place) % len(COINS)] for place in range(5)]
        rule = RatioRule(Decimal("0.1") * (1 + number % 5)) if number % 4 else TimeRule(gate=Decimal(0))
        chosen.append(StrategyParameters(f"Strategy {number}", "USDT", equal_weights(coins), Decimal(990), rule))
    return chosen


@dataclass
class Tally:
    """What the kills hit, over all of them."""

    kills: int = 0
    in_flight: int = 0
    at_the_venue: int = 0
    aimed: Counter[str] = field(default_factory=Counter)
    audits: list[Audit] = field(default_factory=list)

    def add(self, found: Audit, how: str) -> None:
        self.kills += 1
        self.in_flight += bool(found.in_flight)
        self.at_the_venue += bool(found.unbooked)
        self.aimed[how] += bool(found.in_flight)
        self.audits.append(found)


def wait_for_commits(file: Path, count: int, program: Program) -> None:
    """Until the log of ``file`` was written ``count`` times: what is killed right after it is in the middle of an order."""
    log = file.with_name(f"{file.name}-wal")
    seen: object = None
    deadline = time.monotonic() + PATIENCE_S
    while count > 0:
        assert time.monotonic() < deadline, f"nothing is written to {file}:\n{program.output}"
        if not log.exists():
            continue
        status = log.stat()
        now = (status.st_size, status.st_mtime_ns)
        count -= seen is not None and now != seen
        seen = now


def kill_once(folder: Path, chance: random.Random) -> str:
    """Start the command and kill it: at any moment, or right behind a commit of the ledger or of the venue."""
    how = chance.choice(("any moment", "ledger", "ledger", "venue", "venue"))
    with Program(folder, "--create-demo", "--demo-speed", FULL_SPEED) as program:
        if how == "any moment":
            time.sleep(chance.uniform(0, LONGEST_WAIT_S))
        else:
            program.wait_for(TRADED)
            name = "ledger.sqlite" if how == "ledger" else "paper-venue.sqlite"
            wait_for_commits(folder / "accounts" / "paper" / name, chance.randint(1, 8), program)
        program.kill()
    return how


def run_and_stop(folder: Path) -> Audit:
    """A start that recovers, trades and is stopped safely."""
    with Program(folder, "--create-demo", "--demo-speed", FULL_SPEED) as program:
        program.wait_for(READY)
        program.wait_for(TRADED)
        code, _ = program.stop()
        assert code == 0, program.output
        assert "fault" not in program.output
    return audit(folder, stopped_safely=True)


def kill_many(folder: Path, kills: int, seed: int) -> Tally:
    chance, tally = random.Random(seed), Tally()
    make_strategies(folder, strategies())
    for number in range(1, kills + 1):
        how = kill_once(folder, chance)
        tally.add(audit(folder, stopped_safely=False), how)
        if number % SAFE_STOP_EVERY == 0:
            tally.audits.append(run_and_stop(folder))
    return tally


def assert_went_on(tally: Tally) -> None:
    """Every start took up where the one before was killed: nothing is forgotten, time and trading go forward."""
    for before, after in pairwise(tally.audits):
        assert after.market_time >= before.market_time
        assert after.orders >= before.orders
        assert after.rebalances >= before.rebalances
        assert after.states.keys() == before.states.keys()
    last = tally.audits[-1]
    assert set(last.states.values()) == {"Running"}
    assert len(last.states) == len(strategies())
    assert last.orders > tally.audits[0].orders


@pytest.mark.timeout(300)
@pytest.mark.failure(34)
def test_killed_at_25_moments_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    tally = kill_many(tmp_path / "data", 25, seed=20210216)

    assert_went_on(tally)
    print(
        f"{tally.kills} kills, {tally.in_flight} with an order in flight, {tally.aimed}, {tally.audits[-1].orders} orders"
    )


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_at_200_moments_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    tally = kill_many(tmp_path / "data", 200, seed=1)

    assert_went_on(tally)
    print(
        f"{tally.kills} kills, {tally.in_flight} with an order in flight, {tally.aimed}, {tally.audits[-1].orders} orders"
    )
    assert tally.in_flight >= 50
    assert tally.at_the_venue >= 20
    assert tally.in_flight > tally.at_the_venue, "some kills fell before the order reached the venue"
