"""Out of file handles, out of memory: the real program fails closed, and the next start finds ledger and venue in step."""

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.program import COMMAND, PATIENCE_S, ROOT, Program, run_to_end
from tests.e2e.program import _environment as environment

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.failure(39),
    pytest.mark.skipif(sys.platform != "linux", reason="limits are set as on Linux"),
]
A_DAY_IS_OVER = r"^\d{4}-\d\d-\d\d Demo BTC ETH \(Running\)"
MIB = 1024 * 1024


def assert_in_step(folder: Path) -> None:
    """The next start works, nothing is open, and every order that the venue knows is in the ledger."""
    shown = run_to_end("account", "show", "--json", "--data-dir", folder)
    assert shown.returncode == 0, shown.stderr
    answer = json.loads(shown.stdout)
    assert answer["difference"] == {}
    assert answer["reserved"] == {}
    assert "restored" not in run_to_end("history", "journal", "--data-dir", folder).stdout


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("healthy") / "data"
    with Program(place, "--create-demo", "--demo-speed", 86_400) as program:
        program.wait_for(A_DAY_IS_OVER)
        program.stop()
    return place


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(healthy, tmp_path / "data"))


def started_with(folder: Path, limit: int, value: int) -> subprocess.CompletedProcess[str]:
    """The program under a limit from its start on, stopped after some days on the market if it can run at all."""
    return subprocess.run(
        [*COMMAND, "run", "--data-dir", folder, "--until", "2099-01-01"],
        cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=PATIENCE_S, preexec_fn=lambda: resource.setrlimit(limit, (value, value)),
    )  # fmt: skip


@pytest.mark.parametrize("handles", (4, 6, 8, 10))
def test_with_too_few_file_handles_it_ends_before_an_order_and_starts_again(folder: Path, handles: int) -> None:
    before = run_to_end("history", "orders", "--json", "--data-dir", folder).stdout
    ended = started_with(folder, resource.RLIMIT_NOFILE, handles)
    assert ended.returncode > 0
    assert ended.stderr
    assert run_to_end("history", "orders", "--json", "--data-dir", folder).stdout == before
    assert_in_step(folder)


@pytest.mark.parametrize("room", (0, 2))
def test_when_memory_runs_out_in_the_middle_it_ends_and_starts_again(folder: Path, room: int) -> None:
    with Program(folder, "--demo-speed", 86_400) as program:
        program.wait_for(A_DAY_IS_OVER)
        size = int(Path(f"/proc/{program.pid}/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        limit = size + room * MIB
        resource.prlimit(program.pid, resource.RLIMIT_AS, (limit, limit))
        code, _ = program.stop() if not wait_for_end(program) else (program._process.returncode, 0)
    assert code in {0, 1}, program.output
    assert_in_step(folder)


def wait_for_end(program: Program) -> bool:
    """Whether it ended by itself within some days on the market."""
    try:
        program._process.wait(3)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_when_no_file_can_be_opened_any_more_it_goes_on_or_ends_and_starts_again(folder: Path) -> None:
    with Program(folder, "--demo-speed", 86_400) as program:
        program.wait_for(A_DAY_IS_OVER)
        resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (0, 0))
        ended = wait_for_end(program)
        code = program._process.returncode if ended else program.stop()[0]
    assert code in {0, 1}, program.output
    assert_in_step(folder)
