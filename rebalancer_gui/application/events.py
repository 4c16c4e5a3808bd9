"""What the engine tells: past tense, frozen, a closed union. No Qt types, exceptions or secrets cross."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from rebalancer_gui.application.connection import ConnectionReport
from rebalancer_gui.application.live_port import Evidence, Quotation
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.records import (
    FeeRow,
    FillRow,
    JournalEntry,
    OrderRow,
    RebalanceRecord,
    RecordPage,
    Repair,
    TransferRow,
)
from rebalancer_gui.application.views import AccountView, Chart, PresetCard, Preview, QuarantineView, StrategyView
from rebalancer_gui.domain.candles import CandleSeries
from rebalancer_gui.domain.market import MarketRules

HistoryRows = (
    tuple[OrderRow, ...]
    | tuple[FillRow, ...]
    | tuple[FeeRow, ...]
    | tuple[RebalanceRecord, ...]
    | tuple[TransferRow, ...]
    | tuple[JournalEntry, ...]
)


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """The engine runs; recovery is over."""

    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineStopped:
    """The engine has ended and everything is stored."""


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The engine could not start or go on; nothing was overwritten. ``advice`` says what to do, ``repairs`` what the program
    can do for a damaged file once its owner says so.
    """

    message: str
    advice: str
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountWaits:
    """An account cannot be opened yet, because its venue does not answer; it is tried again and again."""

    account: str
    message: str


@dataclass(frozen=True, slots=True)
class AccountFailed:
    """An account cannot be opened as it is, or its file was found damaged; nothing more is sent for it. The others go on."""

    account: str
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class MarketsLoaded:
    """The account's market rules by symbol."""

    account: str
    rules: Mapping[str, MarketRules]


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """A new picture of an account; only the newest matters."""

    view: AccountView


@dataclass(frozen=True, slots=True)
class StrategyCreated:
    """Answers CreateStrategy."""

    command_id: str
    strategy_id: str
    name: str


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order was stored or moved on; the row replaces the one with the same key."""

    account: str
    row: OrderRow


@dataclass(frozen=True, slots=True)
class RebalanceChanged:
    """A rebalance began, moved on or ended; the record replaces the one with the same id."""

    account: str
    record: RebalanceRecord


@dataclass(frozen=True, slots=True)
class JournalChanged:
    """A new sentence, or an old one with a new count."""

    account: str
    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class TransferBooked:
    """Money moved into or out of a strategy or the account."""

    account: str
    row: TransferRow


@dataclass(frozen=True, slots=True)
class FeeBooked:
    """A trade's fee, and what of it was returned, stands in Fees Return History."""

    account: str
    row: FeeRow


@dataclass(frozen=True, slots=True)
class PreviewReady:
    """Answers PreviewStrategy, PreviewEdit, PreviewFunds and PreviewChange."""

    command_id: str
    preview: Preview


@dataclass(frozen=True, slots=True)
class QuarantineShown:
    """Answers LoadQuarantine."""

    command_id: str
    quarantine: QuarantineView


@dataclass(frozen=True, slots=True)
class ConnectionShown:
    """Answers CheckConnection: what the exchange said, the first contact so far, what is lacking before trading can be
    switched on (sentences in order), and in what a first contact could be made, the cheapest first.
    """

    command_id: str
    account: str
    report: ConnectionReport
    evidence: Evidence | None
    lacking: tuple[str, ...]
    offers: tuple[Quotation, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Answers LoadHistory; rows newest first. ``more`` = there are older ones. ``names`` by id are those of strategies in the
    rows that are over, where rows of all of them were asked for.
    """

    command_id: str
    account: str
    kind: HistoryKind
    strategy_id: str
    rows: HistoryRows
    more: bool
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndedPage:
    """Answers LoadEnded; the last to end first. ``more`` = there are older ones."""

    command_id: str
    account: str
    strategies: tuple[StrategyView, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class EndedNames:
    """Answers LoadEndedNames: name by id, the newest first. ``more`` = there are older ones."""

    command_id: str
    account: str
    names: Mapping[str, str]
    more: bool


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Answers LoadRecords; rows newest first, ``page.reached`` in the direction that was asked for. ``total`` is how many there
    are (None: not asked, or not known).
    """

    command_id: str
    account: str
    kind: HistoryKind
    page: RecordPage
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """``done`` of about ``total`` records were read for the ExportRecords whose command is ``export_id``."""

    export_id: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RecordsExported:
    """Answers ExportRecords: the file is complete. ``unknown`` of its ``rows`` are of coins whose cost is not known."""

    command_id: str
    account: str
    path: Path
    rows: int
    unknown: int


@dataclass(frozen=True, slots=True)
class ChartReady:
    """Answers LoadChart."""

    command_id: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class PresetsReady:
    """Answers LoadPresets; also sent unasked when a new market day, newer market caps or an own preset change the cards
    (command_id ""). ``quote`` is the money that they are made for.
    """

    command_id: str
    account: str
    cards: tuple[PresetCard, ...]
    quote: str = ""


@dataclass(frozen=True, slots=True)
class MarketCapsReady:
    """Answers LoadMarketCaps. ``caps`` in USD by asset; an asset whose cap is not known is left out, never guessed.

    ``as_of`` is the date of the data (None = there is none), ``source`` names where it comes from.
    """

    command_id: str
    caps: Mapping[str, Decimal]
    as_of: date | None
    source: str


@dataclass(frozen=True, slots=True)
class CandlesProgress:
    """``load_id`` has ``done`` of ``total`` candles (LoadCandles) or bytes (ReadCandleFiles); at most ten times a second."""

    load_id: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CandlesReady:
    """Answers LoadCandles and ReadCandleFiles. ``series`` by symbol; a market without a candle is left out.

    ``source`` says where they come from ("binance, from the cache"), ``findings`` are sentences for people. Where bundled
    daily prices stand in (no network), the series' own ``timeframe`` and times are other than asked. ``timeframes``: what
    this account's source has, shortest first. ``mapping``: what the columns of files were taken for, a sentence a file.
    """

    command_id: str
    account: str
    series: Mapping[str, CandleSeries]
    source: str
    findings: tuple[str, ...]
    timeframes: tuple[timedelta, ...]
    mapping: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeframesReady:
    """Answers LoadTimeframes: shortest first."""

    command_id: str
    account: str
    timeframes: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class ClosesReady:
    """Answers LoadCloses. ``closes`` daily and oldest first, in quote units or US dollars, by asset; an asset of which none is
    known is left out. ``as_of`` is the day whose 00:00 UTC the newest of them is the price of (None: there are none).
    """

    command_id: str
    closes: Mapping[str, tuple[Decimal, ...]]
    as_of: date | None


@dataclass(frozen=True, slots=True)
class CommandDone:
    """Answers the commands that have no event of their own."""

    command_id: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class CommandRejected:
    """The command was refused and nothing was changed; ``field`` names the field at fault ("" = none)."""

    command_id: str
    message: str
    field: str = ""


Event = (
    EngineStarted
    | EngineStopped
    | EngineFailed
    | AccountWaits
    | AccountFailed
    | MarketsLoaded
    | AccountChanged
    | StrategyCreated
    | OrderChanged
    | RebalanceChanged
    | JournalChanged
    | TransferBooked
    | FeeBooked
    | PreviewReady
    | QuarantineShown
    | ConnectionShown
    | HistoryPage
    | EndedNames
    | RecordsPage
    | ExportProgress
    | RecordsExported
    | EndedPage
    | ChartReady
    | PresetsReady
    | MarketCapsReady
    | CandlesProgress
    | CandlesReady
    | TimeframesReady
    | ClosesReady
    | CommandDone
    | CommandRejected
)
