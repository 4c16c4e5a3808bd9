"""The auditor of the kill tests is of use only if it notices: each lie that is told to it must be found."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.domain.strategy import RatioRule
from tests.builders import parameters
from tests.simulation.bench import ACCOUNT, World, run
from tests.support.ledger_check import audit

Tamper = Callable[[sqlite3.Connection], object]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with ten days of trading."""
    folder = tmp_path_factory.mktemp("honest")
    place = folder / "accounts" / ACCOUNT
    place.mkdir(parents=True)
    world = World(path=place / "paper-venue.sqlite", store=SqliteStore(place / "ledger.sqlite", ACCOUNT))

    async def story() -> None:
        async with world.running() as life:
            await life.create(parameters(investment="5000", rule=RatioRule(Decimal("0.5"))))
            await life.market(timedelta(days=10))

    run(story)
    return folder


def test_what_is_in_order_passes_and_is_counted(honest: Path) -> None:
    found = audit(honest, stopped_safely=True)

    assert found.states == {"Core": "Running"}
    assert found.orders == found.counted["settled"] > 10
    assert found.trades >= found.orders
    assert found.in_flight == 0


def sql(*statements: str) -> Tamper:
    """LAST stands for the newest order."""

    def tamper(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement.replace("LAST", "(SELECT max(key) FROM intent)"))

    return tamper


LEDGER_LIES: dict[str, tuple[Tamper, str]] = {
    "a trade is not booked": (
        sql(
            "DELETE FROM strategy_fill WHERE fill = (SELECT max(key) FROM fill)",
            "DELETE FROM fill WHERE key = (SELECT max(key) FROM fill)",
        ),
        "missing in the ledger",
    ),
    "a trade is booked at another price": (sql("UPDATE fill SET price = '1' WHERE key = 1"), "the ledger booked"),
    "an order that happened is called absent": (
        sql(
            "UPDATE intent SET state = 'absent' WHERE key = LAST",
            "UPDATE order_event SET state = 'absent' WHERE intent = LAST AND state = 'settled'",
        ),
        "is absent, but the venue has it",
    ),
    "an order is left open": (
        sql(
            "UPDATE intent SET state = 'sending' WHERE key = LAST",
            "DELETE FROM order_event WHERE intent = LAST AND state != 'sending'",
        ),
        "reserved for",
    ),
    "an order never was": (
        sql(
            "DELETE FROM strategy_fill WHERE fill IN (SELECT key FROM fill WHERE intent = LAST)",
            "DELETE FROM fill WHERE intent = LAST",
            "DELETE FROM order_event WHERE intent = LAST",
            "DELETE FROM intent WHERE key = LAST",
        ),
        "never sent",
    ),
    "an event is missing": (sql("DELETE FROM order_event WHERE intent = LAST AND state = 'sending'"), "begins with"),
    "the same leg was ordered twice": (
        sql(
            "UPDATE intent SET rebalance_id = (SELECT rebalance_id FROM intent WHERE key = 1), symbol = (SELECT symbol FROM "
            "intent WHERE key = 1), attempt = 1 WHERE key = LAST",
        ),
        "second order for the same leg",
    ),
    "a booking does not add up": (sql("UPDATE posting SET amount = '7' WHERE key = 3"), "do not add up"),
    "a balance is not what was booked": (sql("UPDATE balance SET amount = '7' WHERE account = 'free'"), "assert"),
    "money was moved out of the account in the books only": (
        sql(
            "INSERT INTO entry (key, kind, at, reference) VALUES (99999, 'deposit', 0, 'USDT')",
            "INSERT INTO posting (entry, account, asset, amount) VALUES (99999, 'free', 'USDT', '5')",
            "INSERT INTO posting (entry, account, asset, amount) VALUES (99999, 'external', 'USDT', '-5')",
            "UPDATE balance SET amount = '5005' WHERE account = 'free'",
            "UPDATE balance SET amount = '-10005' WHERE account = 'external'",
            "INSERT INTO transfer (at, kind, asset, amount, value) VALUES (0, 'deposit', 'USDT', '5', '5')",
        ),
        "assert",
    ),
    "something happened in the future": (
        sql("UPDATE journal SET last_at = last_at + 999999999999"),
        "after the market time",
    ),
    "an ended strategy still holds coins": (sql("UPDATE strategy SET state = 'Ended'"), "still holds"),
}
VENUE_LIES: dict[str, tuple[Tamper, str]] = {
    "an order that nobody sent": (
        sql(
            "INSERT INTO venue_order SELECT 99999, 'rbfremd000000000001', symbol, side, type, quantity, limit_price, '0', "
            "status, at FROM venue_order WHERE order_id = 1"
        ),
        "never sent",
    ),
    "a balance that its trades do not explain": (sql("UPDATE balance SET free = '1' WHERE asset = 'USDT'"), "assert"),
    "an order of another size": (sql("UPDATE venue_order SET quantity = '1' WHERE order_id = 2"), "asked for"),
}


def noticed(honest: Path, place: Path, file: str, tamper: Tamper) -> str:
    shutil.copytree(honest, place)
    with closing(sqlite3.connect(place / "accounts" / ACCOUNT / file)) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        tamper(connection)
        connection.commit()
    with pytest.raises(AssertionError) as caught:
        audit(place, stopped_safely=True)
    return str(caught.value) or "assert"


@pytest.mark.parametrize("lie", LEDGER_LIES)
def test_a_lie_in_the_ledger_is_noticed(honest: Path, tmp_path: Path, lie: str) -> None:
    tamper, words = LEDGER_LIES[lie]
    assert words in noticed(honest, tmp_path / "data", "ledger.sqlite", tamper)


@pytest.mark.parametrize("lie", VENUE_LIES)
def test_a_lie_in_the_venue_s_file_is_noticed(honest: Path, tmp_path: Path, lie: str) -> None:
    tamper, words = VENUE_LIES[lie]
    assert words in noticed(honest, tmp_path / "data", "paper-venue.sqlite", tamper)


def test_the_audit_changes_nothing_in_the_folder(honest: Path) -> None:
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in honest.rglob("*") if file.is_file()}
    audit(honest, stopped_safely=True)
    assert {
        file: (file.read_bytes(), file.stat().st_mtime_ns) for file in honest.rglob("*") if file.is_file()
    } == before
