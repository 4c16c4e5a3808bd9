"""A paper account on live prices begins anew: the same account in the registry, with its money and nothing else."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from rebalancer_gui.adapters.storage import reset_intent
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.accounts import AccountRecord
from rebalancer_gui.application.commands import CreateStrategy
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.events import StrategyCreated
from rebalancer_gui.application.session import Session
from rebalancer_gui.bootstrap import DemoOptions, account_book, account_setup, open_vaults
from rebalancer_gui.console import accounts
from rebalancer_gui.console.arguments import build_parser
from rebalancer_gui.console.doing import Desk
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from rebalancer_gui.domain.rails import AccountKind
from tests.builders import d, parameters
from tests.wire.public_venue import PublicVenue
from tests.wire.test_live_account import with_folder


def desk(folder: DataFolder) -> Desk:
    """As the console has it for `account reset`."""
    options = build_parser().parse_args(["--account", "Live", "--json", "account", "reset", "--yes"])
    options.account = "Live"
    vaults = open_vaults(folder)
    return Desk(options, folder, Printer(as_json=True, quiet=False), vaults, account_book(folder, vaults))


def names_in(place: Path) -> set[str]:
    return {file.name for file in place.iterdir()}


async def traded(folder: DataFolder, server: PublicVenue) -> AccountRecord:
    """A registered account with a strategy that has bought."""
    record = AccountRecord("Live", AccountKind.PAPER, VenueSpec("binance", server.url), quote="USDT")
    JsonAccountFiles(folder).write(record)
    async with Session(account_setup(folder, record, DemoOptions(), desk(folder).book)) as session:
        events = await session.ask(CreateStrategy(session.next_id(), "Live", parameters(BTC=50, ETH=50)))
        created = next(event for event in events if isinstance(event, StrategyCreated))
        await session.carry_out(created.strategy_id)
        assert set(session.runner.account.wallet.inside_totals()) == {"USDT", "BTC", "ETH"}
    return record


def test_it_begins_anew_with_its_money_and_stays_registered_and_the_old_one_is_kept_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        record = await traded(folder, server)
        place = folder.path / "accounts" / "Live"
        before = names_in(place)
        await accounts.run(desk(folder))
        said = json.loads(capsys.readouterr().out)
        assert (said["free_pool"], said["ledgers"], said["difference"]) == ({"USDT": "10000"}, {}, {})
        assert names_in(Path(said["backup"])) == before
        assert desk(folder).book.find("Live") == record
        async with Session(account_setup(folder, record, DemoOptions(), desk(folder).book)) as session:
            account = session.runner.account
            assert account.strategies == {}
            assert account.wallet.free == {"USDT": d(10_000)}
            said_of_former = [entry.text for entry in account.store.journal(None, None, 50)]
            assert not any("older copy" in text or "there was one before" in text for text in said_of_former)
            # Orders get ids that the exchange, or the old account, has not seen.
            events = await session.ask(CreateStrategy(session.next_id(), "Live", parameters(BTC=50, ETH=50)))
            created = next(event for event in events if isinstance(event, StrategyCreated))
            (done,) = await session.carry_out(created.strategy_id)
            assert all(leg.filled > 0 for leg in done.legs)

    with_folder(tmp_path, body)


def test_an_exchange_that_does_not_answer_then_is_said_with_where_the_old_account_is(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        record = await traded(folder, server)
        server.status = 502
        with pytest.raises(
            EnvironmentProblem, match=r"Live begins anew at its next start; the old account is in .*Live-reset-"
        ):
            await accounts.run(desk(folder))
        assert desk(folder).book.find("Live") == record
        server.status = 200
        async with Session(account_setup(folder, record, DemoOptions(), desk(folder).book)) as session:
            assert session.runner.account.wallet.free == {"USDT": d(10_000)}

    with_folder(tmp_path, body)


def test_where_the_new_record_cannot_be_stored_the_old_account_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        record = await traded(folder, server)
        place = folder.path / "accounts" / "Live"
        before = {file.name: file.read_bytes() for file in place.iterdir()}
        wanted = desk(folder)

        def full(path: Path, _content: bytes) -> None:
            raise OSError(errno.ENOSPC, "", str(path))

        with monkeypatch.context() as patched:
            patched.setattr(reset_intent, "replace_file", full)
            with pytest.raises(EnvironmentProblem, match="Live was not reset: No space left"):
                await accounts.run(wanted)
        assert {file.name: file.read_bytes() for file in place.iterdir()} == before
        assert not list(folder.backups.glob("Live-reset-*"))
        assert desk(folder).book.find("Live") == record

    with_folder(tmp_path, body)


def test_one_that_has_not_begun_yet_has_nothing_to_begin_anew(tmp_path: Path):
    async def body(folder: DataFolder, server: PublicVenue) -> None:
        JsonAccountFiles(folder).write(AccountRecord("Live", AccountKind.PAPER, VenueSpec("binance", server.url)))
        with pytest.raises(InvalidInput, match="has not begun yet"):
            await accounts.run(desk(folder))
        assert desk(folder).book.find("Live").kind is AccountKind.PAPER

    with_folder(tmp_path, body)
