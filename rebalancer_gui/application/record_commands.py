"""What may be asked about records: frozen, part of the closed union of commands."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path

from rebalancer_gui.application.record_port import HistoryKind
from rebalancer_gui.application.records import RecordFilter
from rebalancer_gui.domain.tax_lots import LotMethod


class Sheet(enum.StrEnum):
    """What an export file holds: a list as it is, or what a tax tool wants."""

    LOTS = "lots"
    """A row for each part of a lot that was sold or left, with cost and gain."""
    TRANSACTIONS = "transactions"
    """A row for each trade, deposit and withdrawal, in Koinly's universal layout, which other tools read too."""
    COINTRACKER = "cointracker"
    """The same in the columns that CoinTracker demands."""
    ORDERS = "orders"
    FILLS = "fills"
    FEES = "fees"
    REBALANCES = "rebalances"
    TRANSFERS = "transfers"
    JOURNAL = "journal"


FOR_TAX_TOOLS = frozenset({Sheet.TRANSACTIONS, Sheet.COINTRACKER})
"""The same transactions, each in the layout of its tool."""


@dataclass(frozen=True, slots=True)
class LoadRecords:
    """A page of a list, newest first: rows under the key ``before``, ``skip`` of them left out, or the ones just over the key
    ``after``. ``count``: say also how many there are. Answered by RecordsPage.
    """

    command_id: str
    account: str
    kind: HistoryKind
    chosen: RecordFilter
    before: int | None = None
    after: int | None = None
    skip: int = 0
    limit: int = 200
    count: bool = False


@dataclass(frozen=True, slots=True)
class LoadEndedNames:
    """Up to ``limit`` names of strategies that are over, the newest first, from the one made before that of the id ``before`` on ("" =
    from the newest). Answered by EndedNames.
    """

    command_id: str
    account: str
    before: str = ""
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class ExportRecords:
    """Write records into a CSV file, oldest first, beside the account's work: ExportProgress tells how far it is.

    ``method`` is for the lots. Answered by RecordsExported, or by CommandRejected (field ``export``), also after CancelExport:
    then the file is not there, or is what it was.
    """

    command_id: str
    account: str
    sheet: Sheet
    path: Path
    chosen: RecordFilter = field(default_factory=RecordFilter)
    method: LotMethod = LotMethod.FIFO


@dataclass(frozen=True, slots=True)
class CancelExport:
    """Give up the ExportRecords whose ``command_id`` was ``export_id``. Answered by CommandDone."""

    command_id: str
    export_id: str


RecordCommand = LoadRecords | LoadEndedNames | ExportRecords | CancelExport
"""These of the union of commands."""
