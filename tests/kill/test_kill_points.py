"""SIGKILL at every commit and every call, before and after: the next start finds everything and doubles nothing."""

from __future__ import annotations

import random
import shutil
from functools import cache
from pathlib import Path

import pytest

from tests.kill.points import first_of_each
from tests.kill.story import in_a_child, recover
from tests.support.ledger_check import audit

BLOCKS = 8
"""The kills are shared among so many tests, so that several workers can take them."""
RANDOM, RANDOM_LONG = 200, 10_000


@cache
def whole_story() -> tuple[str, ...]:
    """The names of all points, from a child that nobody kills."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        result = in_a_child(Path(folder), 0)
        audit(Path(folder), stopped_safely=True)
    assert not result.killed
    return result.names


def killed_and_recovered(folder: Path, fatal: int) -> bool:
    """Kill at point ``fatal``, look, start again, look. True when an order was in flight."""
    data = folder / f"at-{fatal}"
    name = whole_story()[fatal - 1]
    result = in_a_child(data, fatal)
    assert result.killed, f"point {fatal} ({name}) was not reached: the story is not the same each time"
    try:
        before = audit(data, stopped_safely=False) if _has_both_files(data) else None
        after = recover(data)
    except AssertionError as error:
        raise AssertionError(f"killed at point {fatal} ({name}): {error}") from error
    if before is not None:
        assert after.orders >= before.orders, f"killed at point {fatal} ({name}): orders were forgotten"
        assert set(before.states) <= set(after.states), f"killed at point {fatal} ({name}): a strategy was forgotten"
    shutil.rmtree(data)
    return before is not None and bool(before.in_flight)


def _has_both_files(data: Path) -> bool:
    folder = data / "accounts" / "paper"
    return all((folder / name).exists() for name in ("ledger.sqlite", "paper-venue.sqlite"))


@pytest.mark.failure(34)
@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.timeout(600)
def test_killed_once_at_every_place_that_writes_or_calls_it_goes_on_as_if_nothing_were(block: int, tmp_path: Path):
    points = first_of_each(list(whole_story()))
    assert len(points) > 60, "the story does not pass the places that it should"
    for fatal in points[block::BLOCKS]:
        killed_and_recovered(tmp_path, fatal)


@pytest.mark.failure(34)
@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.timeout(600)
def test_killed_at_random_points_it_goes_on_as_if_nothing_were(block: int, tmp_path: Path):
    kill_randomly(tmp_path, RANDOM // BLOCKS, seed=block)


@pytest.mark.long
@pytest.mark.parametrize("block", range(100))
@pytest.mark.timeout(7200)
def test_killed_ten_thousand_times_it_goes_on_as_if_nothing_were(block: int, tmp_path: Path):
    in_flight = kill_randomly(tmp_path, RANDOM_LONG // 100, seed=1000 + block)
    assert in_flight, "no kill hit an order in flight"


def kill_randomly(folder: Path, kills: int, seed: int) -> int:
    chance, total = random.Random(seed), len(whole_story())
    return sum(killed_and_recovered(folder, chance.randint(1, total)) for _ in range(kills))
