"""The benchmarks in their short forms, without the peers: they run, and what they compare is equal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.benchmarks.idle import ROOT
from tests.benchmarks.quotes import measured, report
from tests.benchmarks.run import main


def test_the_short_form_runs_and_its_results_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--short", "--without-peers"]) == 0

    printed = capsys.readouterr().out
    for goal in ("G4", "G5", "G6", "G7", "G8", "G9"):
        assert goal in printed
    assert "differ" not in printed


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.skipif(sys.platform != "linux", reason="reads what threads cost from /proc")
def test_the_window_under_a_thousand_quotes_a_second_is_measured(tmp_path: Path) -> None:
    """On no screen and for half a second: that it runs, and reads no more quotes than it needs, not how fast it is. Ten seconds of
    a core go into starting the program.
    """
    path = os.pathsep.join((str(ROOT), str(ROOT / "packaging")))
    found = measured(os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": path}, tmp_path, 0.5)

    print(report(found))
    assert found["came"] > 100
    assert 0 < found["read"] < found["came"] / 2
    assert found["thread GUI thread"] < found["whole"] + 1
