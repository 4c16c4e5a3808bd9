"""SIGKILL at any moment: what was reported as committed is there, and nothing stands there in part."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.ledger import FREE, deposit, reserve, reserved_account, unreserve
from rebalancer_gui.domain.money import ONE
from rebalancer_gui.domain.orders import IntentState
from tests.support.stored_rows import ACCOUNT, START, a_fill, a_transfer, an_entry, an_intent, with_strategies

ROOT = Path(__file__).resolve().parents[3]
COMMIT_NUMBERS = """
import sys
from pathlib import Path
from tests.unit.storage import test_kill
test_kill.commit_numbers(Path(sys.argv[1]))
"""


def commit_numbers(path: Path) -> None:
    """Commit transaction after transaction for ever, each with a row of every kind, and report each one's number."""
    print("opening", flush=True)
    store = SqliteStore(path, ACCOUNT)
    store.open()
    if not store.load().strategies:
        with_strategies(store, "s-1")
    number = int(store.load().values.get("number", "0"))
    while True:
        number += 1
        intent = an_intent(f"rbtest{number:012}")
        with store.transaction():
            store.post(deposit(START, "USDT", ONE))
            store.save_transfer(a_transfer())
            store.insert_intent(intent)
            store.post(reserve(intent))
            store.insert_fill(ACCOUNT, "s-1", a_fill(str(number), intent.client_order_id))
            store.update_intent(replace(intent, state=IntentState.SETTLED), START)
            if number > 1:
                earlier = an_intent(f"rbtest{number - 1:012}")
                store.post(unreserve(earlier, START, earlier.reserved_amount))
            store.save_journal(an_entry(f"j-{number}", text="word " * 400))
            store.set_value("number", str(number))
        print(number, flush=True)


def run_and_kill(path: Path, after_lines: int) -> int:
    """The number that the killed process reported last (0 for none)."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMIT_NUMBERS, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(after_lines)]
        process.kill()
        said += process.stdout.readlines()
    # The last line may have been cut off by the kill; the one before it was written before.
    reported = [line.strip() for line in said if line.endswith("\n") and line.strip().isdecimal()]
    return int(reported[-1]) if reported else 0


def assert_whole(path: Path, reported: int) -> int:
    """The number of transactions in the file: the reported ones, and at most one more that could not be reported."""
    store = SqliteStore(path, ACCOUNT)
    store.open()
    state = store.load()
    number = int(state.values.get("number", "0"))
    assert number in {reported, reported + 1}
    orders = store.orders(None, None, number + 10)
    assert [row.client_order_id for row in orders] == [f"rbtest{n:012}" for n in range(number, 0, -1)]
    assert all(row.filled and row.state is IntentState.SETTLED for row in orders)
    assert [row.fill.trade_id for row in store.all_fills("s-1", None, number + 10)] == [
        f"{n}" for n in range(number, 0, -1)
    ]
    assert len(store.journal(None, None, number + 10)) == len(store.transfers(None, None, number + 10)) == number
    assert state.open_intents == ()
    if number:
        assert state.balances[FREE, "USDT"] == number
        assert [account for account, _ in state.balances if account.startswith("reserved:")] == [
            reserved_account(orders[0].client_order_id)
        ]
    store.close()
    return number


def test_what_was_reported_as_committed_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(34)
    path = tmp_path / "ledger.sqlite"
    number = 0
    for _ in range(12):
        # The process goes on while it is being killed, so the kill meets it anywhere between two reports.
        reported = run_and_kill(path, after_lines=chance.randrange(1, 80))
        number = assert_whole(path, max(reported, number))
    assert number > 100


def test_a_kill_while_the_ledger_is_made_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / f"{number}" / "ledger.sqlite"
        path.parent.mkdir()
        reported = run_and_kill(path, after_lines=1)
        assert_whole(path, reported)
