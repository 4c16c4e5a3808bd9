"""Puts the program together: the only module, with its entry points, that knows every floor. No Qt here."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.market_data.first_start import FirstStart, read_first_start
from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.adapters.market_data.preset_files import read_presets
from rebalancer_gui.adapters.seeded_ids import SeededIdSource
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_kind import folder_fault
from rebalancer_gui.adapters.storage.keeper import FileKeeper
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.adapters.system import RandomIdSource, SystemClock
from rebalancer_gui.adapters.venues.demo import FIRST_START_FILE, build_demo_venue
from rebalancer_gui.adapters.venues.live_venues import build_live_paper_venue
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.resources_path import resource_dir

PAPER_ACCOUNT = "paper"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How the paper account is made when it is new; None = as the first start offers. ``speed`` also counts later."""

    seed: int | None = None
    start: date | None = None
    speed: int | None = None


def first_start() -> FirstStart:
    """What the first start of the demo offers."""
    return read_first_start(resource_dir() / FIRST_START_FILE)


def data_folder(path: Path | None, *, throw_away: bool = False) -> DataFolder:
    """The folder of this run, not opened yet. ``throw_away``: an empty one that nobody keeps."""
    if throw_away:
        return DataFolder(Path(tempfile.mkdtemp(prefix="rebalancer-demo-")))
    return DataFolder(path)


def discard(folder: DataFolder) -> None:
    """Delete a throw-away folder after it was closed."""
    shutil.rmtree(folder.path, ignore_errors=True)


def paper_account(folder: DataFolder, options: DemoOptions) -> AccountSetup:
    """The built-in paper account on the demo market. Raises InvalidInput for a start outside the history."""
    resources = resource_dir()
    history = DailyHistory(resources / "demo")
    venue = build_demo_venue(
        folder.paper_venue_file(PAPER_ACCOUNT),
        SystemClock(),
        resources=resources,
        history=history,
        seed=options.seed,
        start=options.start,
        speed=options.speed,
    )
    now = SystemClock().now
    venue_file = folder.paper_venue_file(PAPER_ACCOUNT)
    store = SqliteStore(folder.ledger_file(PAPER_ACCOUNT), PAPER_ACCOUNT, backups=folder.backups, now=now)
    return AccountSetup(
        name=PAPER_ACCOUNT,
        title="Paper - demo market",
        mode="PAPER",
        venue=venue,
        store=store,
        ids=SeededIdSource(lambda: venue.demo.state().seed),
        caps=HistoricalMarketCaps(history),
        demo=venue.demo,
        paper=venue.paper,
        stop_signal=StopFile(folder.path),
        presets=read_presets(resources / "presets"),
        keeper=FileKeeper(
            folder.backups,
            store,
            now,
            (venue_file, venue),
            warning=folder_fault(folder.path, live=False),
        ),
    )


def live_paper_account(
    folder: DataFolder,
    name: str,
    venue: VenueSpec,
    *,
    quote_asset: str = "USDT",
    balances: Mapping[str, Decimal] | None = None,
) -> AccountSetup:
    """A paper account on the live prices of any exchange that ccxt knows: no key, the exchange's own markets and fee.

    ``name`` is that of its folder. ``balances`` (None: 10,000 of ``quote_asset``) count when it is made. InvalidInput (field
    ``venue``, ``api_url`` or ``environment``) comes when it is opened: only then ccxt is imported.
    """
    clock = SystemClock()
    venue_file = folder.paper_venue_file(name)
    paper = build_live_paper_venue(venue_file, venue, clock, quote_asset=quote_asset, balances=balances)
    store = SqliteStore(folder.ledger_file(name), name, backups=folder.backups, now=clock.now)
    return AccountSetup(
        name=name,
        title=f"{name} - {venue.venue} prices",
        mode="PAPER",
        venue=paper,
        store=store,
        ids=RandomIdSource(folder.tag),
        paper=paper.paper,
        prices=paper,
        stop_signal=StopFile(folder.path),
        presets=read_presets(resource_dir() / "presets"),
        rails=RailSet(AccountKind.PAPER),
        keeper=FileKeeper(
            folder.backups, store, clock.now, (venue_file, paper), warning=folder_fault(folder.path, live=False)
        ),
    )


def engine_factory(folder: DataFolder, options: DemoOptions) -> Callable[[EventSink], Engine]:
    """Makes the engine in the thread that calls it; ``folder`` is open."""

    def make(emit: EventSink) -> Engine:
        return Engine([paper_account(folder, options)], emit)

    return make
