"""The real command on a disk that fills up while it trades: it says so, sends nothing, and goes on when there is room."""

import re
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.program import Program, run_to_end
from tests.support.ledger_check import audit
from tests.support.small_disk import can_mount, small_disk

pytestmark = [pytest.mark.e2e, pytest.mark.failure(42)]
REBALANCED = r": (by coin ratio|first build).*: (buy|sell)"


def fill_up(ballast: Path) -> None:
    """Take all the room that is left."""
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


if can_mount():

    def test_a_full_disk_holds_the_account_which_goes_on_by_itself_when_there_is_room() -> None:
        with small_disk() as disk:
            data, ballast = disk / "data", disk / "ballast"
            with Program(data, "--create-demo", "--demo-speed", 86_400) as program:
                program.wait_for(REBALANCED)
                fill_up(ballast)
                said = program.wait_for(
                    r"^The disk is full: .*ledger\.sqlite could not be written\. Nothing more is sent"
                )
                assert "Free some space" in said.text
                rebalances = len(re.findall(REBALANCED, program.output))
                time.sleep(1)
                assert len(re.findall(REBALANCED, program.output)) == rebalances
                ballast.unlink()
                program.wait_for(r"^It goes on\.$")
                program.wait_for(r"Nothing could be stored for \d+ seconds, so nothing was sent")
                program.wait_for(REBALANCED, rebalances + 1)
                code, _ = program.stop()
            assert code == 0, program.output
            assert "Traceback" not in program.output
            audit(data, stopped_safely=True)

    def test_a_program_that_is_stopped_while_its_disk_is_full_goes_on_at_its_next_start() -> None:
        with small_disk() as disk:
            data, ballast = disk / "data", disk / "ballast"
            with Program(data, "--create-demo", "--demo-speed", 86_400) as program:
                program.wait_for(REBALANCED)
                fill_up(ballast)
                program.wait_for(r"^The disk is full: ")
                code, took = program.stop()
            assert (code, took < 3) == (0, True), program.output
            fill_up(ballast)  # what closing the files has set free
            refused = run_to_end("account", "show", "--data-dir", data)
            assert refused.returncode == 1
            assert "full" in refused.stderr or "No space left" in refused.stderr
            ballast.unlink()
            shown = run_to_end("account", "show", "--json", "--data-dir", data)
            assert shown.returncode == 0, shown.stderr
            assert '"difference": {}' in shown.stdout
            audit(data, stopped_safely=False)
