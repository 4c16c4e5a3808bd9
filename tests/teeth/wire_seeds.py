"""SIM over the wire on the seeds of a planted bug; not collected by itself, tests/teeth/harness.py names it."""

from __future__ import annotations

import json
import os

import pytest

from tests.wire_sim.scenario import play

BLOCKS = json.loads(os.environ.get("TEETH_WIRE_SEEDS", "[]"))


@pytest.mark.parametrize("seed", sorted({seed for first, last in BLOCKS for seed in range(first, last + 1)}))
def test_no_invariant_is_broken_in_the_run_of_a_seed_over_the_wire(seed: int) -> None:
    assert play(seed).broken == []
