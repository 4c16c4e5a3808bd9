"""Puts the program together: the only module, with its entry points, that knows every floor. No Qt here."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.adapters.installation import version
from rebalancer_gui.adapters.market_data.bundled_candles import BundledCandles
from rebalancer_gui.adapters.market_data.candle_cache import CANDLES_FILE, CandleCache
from rebalancer_gui.adapters.market_data.candle_files import CandleFiles
from rebalancer_gui.adapters.market_data.caps_build import build_live_caps
from rebalancer_gui.adapters.market_data.first_start import FirstStart, read_first_start
from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps
from rebalancer_gui.adapters.market_data.own_presets import FolderShelf
from rebalancer_gui.adapters.market_data.preset_files import read_presets
from rebalancer_gui.adapters.notifying.build import build_companions, build_telling_desk
from rebalancer_gui.adapters.secrets.redaction import REDACTOR
from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.seeded_ids import SeededIdSource
from rebalancer_gui.adapters.sheet_files import CsvFiles
from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles, against_live
from rebalancer_gui.adapters.storage.backup_door import BackupDoor
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.storage.folder_backup import OpenFiles
from rebalancer_gui.adapters.storage.folder_desk import FolderDesk
from rebalancer_gui.adapters.storage.folder_kind import folder_fault
from rebalancer_gui.adapters.storage.keeper import FileKeeper
from rebalancer_gui.adapters.storage.settings_file import SettingsFile
from rebalancer_gui.adapters.storage.sqlite_store import SqliteStore
from rebalancer_gui.adapters.storage.stop_file import StopFile
from rebalancer_gui.adapters.system import RandomIdSource, SystemClock, random_bytes
from rebalancer_gui.adapters.venues.catalogue import catalogue, name_of
from rebalancer_gui.adapters.venues.ccxt_candles import CcxtCandles
from rebalancer_gui.adapters.venues.ccxt_hosts import checked_api_url
from rebalancer_gui.adapters.venues.ccxt_quirks import quirks_of
from rebalancer_gui.adapters.venues.ccxt_venue import fingerprint
from rebalancer_gui.adapters.venues.demo import FIRST_START_FILE, build_demo_venue
from rebalancer_gui.adapters.venues.exchange_account import ExchangeAccount, is_own_machine
from rebalancer_gui.adapters.venues.live_venues import build_live_feed, build_live_paper_venue
from rebalancer_gui.adapters.venues.probe import probe
from rebalancer_gui.application.account import AccountSetup
from rebalancer_gui.application.account_book import AccountBook
from rebalancer_gui.application.accounts import BUILT_IN, AccountRecord
from rebalancer_gui.application.beside import Companion
from rebalancer_gui.application.candle_loading import VenueCandles
from rebalancer_gui.application.connection import ConnectionReport, Credentials, VenueSpec, mode_of
from rebalancer_gui.application.engine import Engine
from rebalancer_gui.application.market_caps import LiveMarketCaps
from rebalancer_gui.application.market_data_desk import MarketDataDesk
from rebalancer_gui.application.ports import EventSink
from rebalancer_gui.application.preset_closes import CandleCloses
from rebalancer_gui.application.preset_port import PresetSide
from rebalancer_gui.application.settings_desk import SettingsDesk
from rebalancer_gui.application.telling_desk import TellingDesk
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput, InvariantBroken, RebalancerError
from rebalancer_gui.domain.rails import AccountKind, RailSet
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.resources_path import resource_dir

PAPER_ACCOUNT = BUILT_IN


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
        candles=BundledCandles(history, venue.clock.now),
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


def venue_candles(folder: DataFolder, venue: VenueSpec) -> VenueCandles:
    """The venue's own public candles, kept in the data folder; without network and cache the bundled daily prices."""
    clock = SystemClock()
    pages = CcxtCandles(venue, clock, paced=not is_own_machine(venue))
    shelf = CandleCache(folder.cache / CANDLES_FILE, clock.now)
    return VenueCandles(pages, shelf, clock, bundled=BundledCandles(DailyHistory(resource_dir() / "demo")))


def live_paper_account(
    folder: DataFolder,
    name: str,
    venue: VenueSpec,
    *,
    quote_asset: str = "USDT",
    balances: Mapping[str, Decimal] | None = None,
    caps: LiveMarketCaps | None = None,
) -> AccountSetup:
    """A paper account on the live prices of any exchange that ccxt knows: no key, the exchange's own markets and fee.

    ``name`` is that of its folder. ``balances`` (None: 10,000 of ``quote_asset``) count when it is made. InvalidInput (field
    ``venue``, ``api_url``, ``environment`` or ``quote``) comes when it is opened: only then ccxt is imported.
    """
    clock = SystemClock()
    venue_file = folder.paper_venue_file(name)
    paper = build_live_paper_venue(venue_file, venue, clock, quote_asset=quote_asset, balances=balances)
    store = SqliteStore(folder.ledger_file(name), name, backups=folder.backups, now=clock.now)
    return AccountSetup(
        name=name,
        title=f"{name} - {name_of(venue.venue)} prices",
        mode="PAPER",
        venue=paper,
        store=store,
        ids=RandomIdSource(folder.tag),
        paper=paper.paper,
        prices=paper,
        caps=caps,
        candles=venue_candles(folder, venue),
        stop_signal=StopFile(folder.path),
        presets=read_presets(resource_dir() / "presets"),
        rails=RailSet(AccountKind.PAPER),
        keeper=FileKeeper(
            folder.backups, store, clock.now, (venue_file, paper), warning=folder_fault(folder.path, live=False)
        ),
    )


def exchange_account(
    folder: DataFolder, record: AccountRecord, book: AccountBook, caps: LiveMarketCaps | None = None
) -> AccountSetup:
    """An account at a real exchange: it begins on watch only, and trades when its owner went live (application.go_live)."""
    clock = SystemClock()
    spec, key = record.venue, record.key
    if spec is None or key is None:
        raise InvariantBroken(f"the account {record.name} has no exchange")
    venue = ExchangeAccount(
        record.name,
        spec,
        lambda: book.key_of(record),
        clock,
        build_live_feed(spec, clock, opens_itself=True),
        registered=key.fingerprint,
        against_folder=against_live(folder.path),
    )
    store = SqliteStore(folder.ledger_file(record.name), record.name, backups=folder.backups, now=clock.now)
    return AccountSetup(
        name=record.name,
        title=record.name if spec.environment is None else f"{record.name} - {spec.environment}",
        mode=mode_of(spec),
        venue=venue,
        store=store,
        ids=RandomIdSource(folder.tag),
        live=venue,
        prices=venue,
        caps=caps,
        candles=venue_candles(folder, spec),
        stop_signal=StopFile(folder.path),
        presets=read_presets(resource_dir() / "presets"),
        rails=RailSet(AccountKind.LIVE),
        trading=TradingMode.WATCH,
        calls_per_minute=quirks_of(spec.venue).calls_per_minute,
        keeper=FileKeeper(folder.backups, store, clock.now, warning=folder_fault(folder.path, live=False)),
    )


def open_vaults(folder: DataFolder) -> Vaults:
    """Where the keys of this data folder are; nothing is asked of any of them yet. ``folder`` is open."""
    return Vaults(folder.path, folder.tag, random_bytes)


def account_book(folder: DataFolder, vaults: Vaults) -> AccountBook:
    """The registered accounts. ``folder`` is open."""
    clock = SystemClock()

    async def test(spec: VenueSpec, credentials: Credentials) -> ConnectionReport:
        return await probe(spec, REDACTOR.hide_key(credentials), clock=clock, paced=not is_own_machine(spec))

    return AccountBook(
        JsonAccountFiles(folder),
        vaults,
        test,
        clock.now,
        catalogue(),
        check_url=checked_api_url,
        fingerprint=fingerprint,
    )


def account_setup(
    folder: DataFolder,
    record: AccountRecord,
    options: DemoOptions,
    book: AccountBook,
    caps: LiveMarketCaps | None = None,
) -> AccountSetup:
    """The account behind a record. ``caps``: those of now, for any account but the demo's. InvalidInput for a demo start outside
    the history.
    """
    match record.kind:
        case AccountKind.DEMO:
            return paper_account(folder, options)
        case AccountKind.PAPER if record.venue is not None:
            return live_paper_account(
                folder,
                record.name,
                record.venue,
                quote_asset=(money := record.quote or "USDT"),
                balances=None if record.start_money is None else {money: record.start_money},
                caps=caps,
            )
        case _:
            return exchange_account(folder, record, book, caps)


def telling_desk(folder: DataFolder, settings: SettingsFile | None = None, vaults: Vaults | None = None) -> TellingDesk:
    """Who is told of what happens. ``folder`` is open."""
    return build_telling_desk(folder, settings or SettingsFile(folder), vaults or open_vaults(folder))


def settings_desk(settings: SettingsFile, *desks: TellingDesk | MarketDataDesk) -> SettingsDesk:
    """The declared settings of a data folder that is open. ``desks`` hold some of them too and are told of an import."""
    return SettingsDesk(settings, tuple(desk.reload for desk in desks))


def data_desk(folder: DataFolder, files: OpenFiles) -> FolderDesk:
    """Backup and restore of a data folder that is open. ``files``: what the engine of this process has open."""
    return FolderDesk(folder, SystemClock().now, version() or "unknown", files)


def asks_the_internet(records: Sequence[AccountRecord]) -> bool:
    """Whether market caps of now are read at all: not for demo markets, and where every exchange is this machine itself nobody
    else is asked anything either.
    """
    return any(record.venue is not None and not is_own_machine(record.venue) for record in records)


def engine_factory(
    folder: DataFolder,
    options: DemoOptions,
    book: AccountBook | None = None,
    *,
    only: str | None = None,
    desk: TellingDesk | None = None,
    market_data: MarketDataDesk | None = None,
    open_files: OpenFiles | None = None,
) -> Callable[[EventSink], Engine]:
    """Makes the engine with every registered account (or ``only`` one) in the thread that calls it; ``folder`` is open. One that
    cannot be made is told by the engine, and the others run.

    ``book`` None: with vaults that nobody unlocked but the system itself. ``desk``: who is told (None: nobody). ``market_data``: what
    was chosen about it (None: no market caps but the demo's). ``open_files``: told of what the engine opens.
    """
    known = book if book is not None else account_book(folder, open_vaults(folder))
    opened = open_files if open_files is not None else OpenFiles()

    def make(emit: EventSink) -> Engine:
        beside = list[Companion]()
        if desk is not None:
            beside += (
                *build_companions(folder, desk),
                BackupDoor(folder, opened, SystemClock(), version() or "unknown"),
            )
        records = known.records() if only is None else (known.find(only),)
        caps = None
        if market_data is not None and any(record.venue is not None for record in records):
            caps = build_live_caps(folder.cache, resource_dir(), SystemClock(), market_data)
            if asks_the_internet(records):
                beside.append(caps)
        shelf = FolderShelf(folder.presets)

        def setup_of(record: AccountRecord) -> AccountSetup:
            setup = account_setup(folder, record, options, known, caps)
            if isinstance(setup.keeper, FileKeeper):
                opened.take(setup.name, setup.keeper)
            if record.kind is AccountKind.DEMO:
                return replace(setup, preset_side=PresetSide(shelf=shelf))
            # Only the window shows cards.
            closes = CandleCloses(setup.candles) if market_data is not None and setup.candles is not None else None
            return replace(setup, preset_side=PresetSide(caps, closes, shelf))

        files = CandleFiles(SystemClock().now)
        if only is not None:
            return Engine([setup_of(records[0])], emit, beside, candle_files=files, sheets=CsvFiles())
        setups, left_out = list[AccountSetup](), dict[str, RebalancerError](known.unreadable())
        for record in records:
            try:
                setups.append(setup_of(record))
            except (EnvironmentProblem, InvalidInput) as error:
                if record.kind is AccountKind.DEMO:
                    raise  # what the demo market was asked for on the command line
                left_out[record.name] = error
        return Engine(setups, emit, beside, left_out, candle_files=files, sheets=CsvFiles())

    return make
