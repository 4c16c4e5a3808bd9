"""The benchmark in its short form, without the peers: it runs, and what it compares is equal."""

from __future__ import annotations

import pytest

from tests.benchmarks.run import main


def test_the_short_form_runs_and_its_results_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--short", "--without-peers"]) == 0

    printed = capsys.readouterr().out
    for goal in ("G4", "G5", "G6", "G7", "G8", "G9"):
        assert goal in printed
    assert "differ" not in printed
