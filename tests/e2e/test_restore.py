"""A damaged ledger on the real command line: the doctor says it, `account restore` puts it right, nothing is deleted."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.bootstrap import DemoOptions, data_folder, paper_account
from tests.e2e.program import run_to_end

pytestmark = [pytest.mark.e2e, pytest.mark.failure(43, 44)]
STRATEGY = {
    "format": "rebalancer-strategy",
    "version": 1,
    "name": "Core",
    "quote": "USDT",
    "coins": [{"asset": "BTC", "weight": "40"}, {"asset": "ETH", "weight": "60"}],
    "investment": "1000",
    "rule": {"kind": "ratio", "threshold": "1", "check_seconds": 2},
    "sell_all_on_stop": False,
}


def console(folder: Path, *words: object, code: int = 0) -> Any:
    ended = run_to_end(*words, "--json", "--data-dir", folder)
    assert ended.returncode == code, (ended.stdout, ended.stderr)
    return json.loads(ended.stdout)


def back_up(folder: Path) -> Path:
    """The daily backup, as the running program makes it."""

    async def story() -> None:
        with data_folder(folder) as opened:
            setup = paper_account(opened, DemoOptions())
            setup.store.open()
            await setup.venue.open()
            assert setup.keeper is not None
            said = await setup.keeper.look()
            assert "A backup was made" in said[-1], said
            await setup.venue.close()
            setup.store.close()

    asyncio.run(story())
    return next((folder / "backups").glob("paper-daily-*"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An account with a strategy that has bought its coins, a backup of that, and money added since."""
    file = tmp_path / "core.json"
    file.write_text(json.dumps(STRATEGY), encoding="utf-8")
    place = tmp_path / "data"
    console(place, "strategy", "create", file)
    back_up(place)
    console(place, "strategy", "add-funds", "Core", "500")
    return place


def damage(folder: Path) -> bytes:
    ledger = folder / "accounts" / "paper" / "ledger.sqlite"
    content = ledger.read_bytes()
    ledger.write_bytes(content[:100] + b"\xff" * 3000 + content[3100:])
    return ledger.read_bytes()


def test_the_doctor_names_the_way_out_and_restore_goes_it(folder: Path) -> None:
    damaged = damage(folder)
    refusal = run_to_end("strategy", "list", "--data-dir", folder)
    assert refusal.returncode == 1
    assert "account restore" in refusal.stderr
    examined = console(folder, "doctor", code=1)
    (problem,) = examined["problems"]
    assert "`rebalancer account restore paper` puts back the backup of" in problem
    assert examined["accounts"][0]["backup"]["place"] == str(next((folder / "backups").glob("paper-daily-*")))

    done = console(folder, "account", "restore", "paper", "--yes")
    assert done["restored"] is True
    assert (Path(done["kept"]) / "ledger.sqlite").read_bytes() == damaged
    (state,) = done["strategies"].values()
    # With the added money more coins were bought than the old ledger knows of: they are in the free pool.
    assert state in {"Running", "Halted"}
    shown = console(folder, "account", "show")
    assert shown["difference"] == {}
    journal = console(folder, "history", "journal")
    assert any("The ledger is an older copy" in row["text"] for row in journal)
    assert any("2 orders of this program" in row["text"] for row in journal)
    assert console(folder, "doctor")["problems"] == []


def test_after_a_restore_orders_get_new_ids(folder: Path) -> None:
    used = {row["client_order_id"] for row in console(folder, "history", "orders")}
    damage(folder)
    console(folder, "account", "restore", "paper", "--yes")
    kept = {row["client_order_id"] for row in console(folder, "history", "orders")}
    assert kept < used
    console(folder, "account", "deposit", "USDT", "5000")
    console(folder, "strategy", "stop", "Core", "--keep")
    file = folder.parent / "core.json"
    file.write_text(json.dumps(STRATEGY | {"name": "Second"}), encoding="utf-8")
    console(folder, "strategy", "create", file)
    new = {row["client_order_id"] for row in console(folder, "history", "orders")} - kept
    assert new
    assert not new & used


def test_a_new_ledger_begins_with_what_the_paper_account_holds(folder: Path) -> None:
    before = console(folder, "account", "show")["venue_balances"]
    damaged = damage(folder)
    done = console(folder, "account", "restore", "paper", "--new-ledger", "--yes")
    assert (Path(done["kept"]) / "ledger.sqlite").read_bytes() == damaged
    assert done["strategies"] == {}
    shown = console(folder, "account", "show")
    assert shown["free_pool"] == before == shown["venue_balances"]
    assert shown["difference"] == {}


def test_without_damage_only_a_named_backup_is_put_back(folder: Path) -> None:
    refusal = run_to_end("account", "restore", "paper", "--yes", "--data-dir", folder)
    assert refusal.returncode == 2
    assert "The files of paper are in order" in refusal.stderr
    backup = next((folder / "backups").glob("paper-daily-*"))
    assert console(folder, "account", "restore", "paper", "--backup", backup, "--yes")["backup"] == str(backup)


def test_a_restore_asks_first_and_refuses_where_nobody_can_be_asked(folder: Path) -> None:
    damaged = damage(folder)
    refusal = run_to_end("account", "restore", "paper", "--data-dir", folder)
    assert refusal.returncode == 2
    assert "--yes" in refusal.stderr
    assert (folder / "accounts" / "paper" / "ledger.sqlite").read_bytes() == damaged


def test_without_a_good_backup_the_new_ledger_is_named(folder: Path) -> None:
    damage(folder)
    backup = next((folder / "backups").glob("paper-daily-*"))
    (backup / "ledger.sqlite").write_bytes(b"no ledger")
    refusal = run_to_end("account", "restore", "paper", "--yes", "--data-dir", folder)
    assert refusal.returncode == 2
    assert "--new-ledger" in refusal.stderr
    (problem,) = console(folder, "doctor", code=1)["problems"]
    assert "There is no good backup" in problem
