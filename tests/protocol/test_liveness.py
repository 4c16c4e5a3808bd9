"""Liveness: what is triggered gets done within five minutes of the last fault, and nobody is halted without need."""

from __future__ import annotations

import pytest

from tests.protocol.liveness import Lively, live

RUNS, BLOCK = 100, 25
LONG_RUNS, LONG_BLOCK = 2_000, 250


def judge(came: list[Lively]) -> None:
    """At least 99.9 % in time, at most one false halt in 1,000 runs; one in a smaller number of runs is none."""
    broken = {one.seed: one.broken for one in came if one.broken}
    late = {one.seed: one.late for one in came if one.late}
    halts = {one.seed: one.halts for one in came if one.halts}
    triggered = sum(one.triggered for one in came)
    assert broken == {}
    assert triggered >= 5 * len(came)
    assert sum(map(len, late.values())) <= triggered / 1000, late
    assert len(halts) <= len(came) / 1000, halts


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(1, 1 + RUNS, BLOCK))
def test_rebalances_are_done_within_five_minutes_of_the_last_fault_and_nobody_is_halted(first: int) -> None:
    judge([live(seed) for seed in range(first, first + BLOCK)])


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("first", range(1, 1 + LONG_RUNS, LONG_BLOCK))
def test_two_thousand_runs_are_lively(first: int) -> None:
    judge([live(seed) for seed in range(first, first + LONG_BLOCK)])
