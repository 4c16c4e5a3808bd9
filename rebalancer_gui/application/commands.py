"""What the window or the console may ask of the engine: imperative, frozen, a closed union.

Every command is answered exactly once, by the event named in its docstring or by ``CommandRejected``; the answer
carries the command's ``command_id``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.application.candle_commands import CandleCommand
from rebalancer_gui.application.market_commands import MarketCommand
from rebalancer_gui.application.paper_port import MarketEvent
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.preset_commands import PresetCommand
from rebalancer_gui.application.record_commands import RecordCommand
from rebalancer_gui.application.safety_commands import SafetyCommand
from rebalancer_gui.application.strategy_commands import LoadEnded
from rebalancer_gui.domain.cashflow import RemovalMethod
from rebalancer_gui.domain.strategy import HeldCoin, StrategyParameters, Target


@dataclass(frozen=True, slots=True)
class PreviewStrategy:
    """Which orders would Create send? Answered by PreviewReady; nothing is changed."""

    command_id: str
    account: str
    parameters: StrategyParameters
    held: tuple[HeldCoin, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateStrategy:
    """Take the investment, and the coins in ``held``, from the free pool and build the portfolio, or wait for the trigger.

    Without ``build`` nothing is traded now: the strategy runs at once and starts at the next trigger of its rule (only
    with held coins). Answered by StrategyCreated.
    """

    command_id: str
    account: str
    parameters: StrategyParameters
    held: tuple[HeldCoin, ...] = ()
    build: bool = True


@dataclass(frozen=True, slots=True)
class EditStrategy:
    """Another name, rule, trigger (while it waits), stop-loss, take-profit or Sell all: a new version. Coins, weights,
    quote and investment must be those it has. Answered by CommandDone.
    """

    command_id: str
    strategy_id: str
    parameters: StrategyParameters


@dataclass(frozen=True, slots=True)
class PreviewEdit:
    """Which orders would EditStrategy send? Those of the first build where a waiting strategy loses its trigger, else none.
    Answered by PreviewReady; nothing is changed.
    """

    command_id: str
    strategy_id: str
    parameters: StrategyParameters


@dataclass(frozen=True, slots=True)
class PreviewFunds:
    """What would AddFunds or RemoveFunds do? ``method`` None: add. ``amount`` None: only the legal range is asked for.

    Answered by PreviewReady; nothing is changed.
    """

    command_id: str
    strategy_id: str
    amount: Decimal | None
    method: RemovalMethod | None = None


@dataclass(frozen=True, slots=True)
class AddFunds:
    """``amount`` quote units from the free pool, then a full rebalance. Answered by CommandDone when it is booked."""

    command_id: str
    strategy_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RemoveFunds:
    """Sell and give ``amount`` quote units back to the free pool. Answered by CommandDone when it is queued: the sells are
    sent at the next good prices, and the rebalance record with the reason "funds removed" tells what came of them.
    """

    command_id: str
    strategy_id: str
    amount: Decimal
    method: RemovalMethod = RemovalMethod.BY_WEIGHT


@dataclass(frozen=True, slots=True)
class PreviewChange:
    """Which orders would ChangeCoins send? Answered by PreviewReady; nothing is changed."""

    command_id: str
    strategy_id: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class ChangeCoins:
    """Other coins or weights: a new version, then a rebalance. A coin that left and cannot be sold (its market is closed)
    goes back to the free pool. Answered by CommandDone.
    """

    command_id: str
    strategy_id: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class AcceptShortage:
    """Book what is missing at the venue as gone, from this strategy's part of the proposal. Answered by CommandDone."""

    command_id: str
    strategy_id: str


@dataclass(frozen=True, slots=True)
class LoadQuarantine:
    """What was found out about an order that is its owner's to decide. Answered by QuarantineShown."""

    command_id: str
    strategy_id: str
    client_order_id: str


@dataclass(frozen=True, slots=True)
class AdoptOrder:
    """The venue's order ``venue_order_id`` is the quarantined one: its trades are booked. Answered by CommandDone."""

    command_id: str
    strategy_id: str
    client_order_id: str
    venue_order_id: str


@dataclass(frozen=True, slots=True)
class DiscardOrder:
    """The quarantined order never was: what was set aside for it goes back. Answered by CommandDone."""

    command_id: str
    strategy_id: str
    client_order_id: str


@dataclass(frozen=True, slots=True)
class AcceptRename:
    """The coin ``old`` is ``new`` now, on the whole account. Answered by CommandDone."""

    command_id: str
    account: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetPayFeesWithBnb:
    """The account's switch of BEHAVIOUR.md section 8. Answered by CommandDone."""

    command_id: str
    account: str
    on: bool


@dataclass(frozen=True, slots=True)
class PaperTransfer:
    """A paper account's deposit (``amount`` > 0) or withdrawal (< 0), as if made outside. Answered by CommandDone."""

    command_id: str
    account: str
    asset: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ChangePaperMarket:
    """A paper account's market event. Answered by CommandDone."""

    command_id: str
    account: str
    event: MarketEvent
    asset: str
    new_name: str = ""


@dataclass(frozen=True, slots=True)
class SetPaperTradingRight:
    """Take or give the paper account's right to trade. Answered by CommandDone."""

    command_id: str
    account: str
    may_trade: bool


@dataclass(frozen=True, slots=True)
class PauseStrategy:
    """No new orders until resumed. Answered by CommandDone."""

    command_id: str
    strategy_id: str


@dataclass(frozen=True, slots=True)
class ResumeStrategy:
    """Go on after a pause, or after a halt whose cause is gone. Answered by CommandDone."""

    command_id: str
    strategy_id: str


@dataclass(frozen=True, slots=True)
class RebalanceNow:
    """Rebalance at the next good prices, without threshold or gate. Answered by CommandDone when it is queued."""

    command_id: str
    strategy_id: str


@dataclass(frozen=True, slots=True)
class StopStrategy:
    """End the strategy: sell every coin, or give the coins back to the free pool. One that waits for its trigger is
    cancelled. Answered by CommandDone.
    """

    command_id: str
    strategy_id: str
    sell_all: bool


@dataclass(frozen=True, slots=True)
class StopAll:
    """No new order on any account until ResumeTrading. Answered by CommandDone."""

    command_id: str


@dataclass(frozen=True, slots=True)
class ResumeTrading:
    """Lift Stop all and put each strategy back into its former state. Answered by CommandDone."""

    command_id: str


@dataclass(frozen=True, slots=True)
class LoadHistory:
    """One page of a list, newest first; ``strategy_id`` "" = all. Answered by HistoryPage."""

    command_id: str
    account: str
    kind: HistoryKind
    strategy_id: str
    before: int | None = None
    limit: int = 500


@dataclass(frozen=True, slots=True)
class LoadChart:
    """The value, HODL and best-coin lines of a strategy over the last ``days`` (None = all). Answered by ChartReady."""

    command_id: str
    strategy_id: str
    days: int | None = None
    limit: int = 4000


@dataclass(frozen=True, slots=True)
class LoadPresets:
    """The preset cards with weights and returns as of now. Answered by PresetsReady."""

    command_id: str
    account: str
    quote: str


@dataclass(frozen=True, slots=True)
class LoadMarketCaps:
    """The market caps of ``assets`` as of now, for weights by market cap. Answered by MarketCapsReady."""

    command_id: str
    account: str
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowPrices:
    """A form shows these markets: their prices are in the pictures of the account for the next ten minutes. Answered by
    CommandDone. Where the venue quotes all its markets nothing has to be done for it.
    """

    command_id: str
    account: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetDemoSpeed:
    """Market seconds per wall second, 1 to 86,400. Answered by CommandDone."""

    command_id: str
    account: str
    speed: int


@dataclass(frozen=True, slots=True)
class SetDemoPaused:
    """Stop or start the replay. Answered by CommandDone."""

    command_id: str
    account: str
    paused: bool


@dataclass(frozen=True, slots=True)
class StepDemo:
    """Publish one batch of quotes. Answered by CommandDone."""

    command_id: str
    account: str


@dataclass(frozen=True, slots=True)
class JumpDemo:
    """Run ahead to the next rebalance. Answered by CommandDone when it has begun."""

    command_id: str
    account: str


@dataclass(frozen=True, slots=True)
class ContinueDemo:
    """After the replay's last day: go on by a random walk from the last prices. Answered by CommandDone."""

    command_id: str
    account: str


Command = (
    PreviewStrategy
    | PreviewEdit
    | PreviewFunds
    | PreviewChange
    | CreateStrategy
    | EditStrategy
    | AddFunds
    | RemoveFunds
    | ChangeCoins
    | AcceptShortage
    | LoadQuarantine
    | AdoptOrder
    | DiscardOrder
    | AcceptRename
    | SetPayFeesWithBnb
    | SafetyCommand
    | PaperTransfer
    | ChangePaperMarket
    | SetPaperTradingRight
    | PauseStrategy
    | ResumeStrategy
    | RebalanceNow
    | StopStrategy
    | StopAll
    | ResumeTrading
    | LoadHistory
    | LoadEnded
    | LoadChart
    | LoadPresets
    | LoadMarketCaps
    | CandleCommand
    | RecordCommand
    | PresetCommand
    | MarketCommand
    | FollowPrices
    | SetDemoSpeed
    | SetDemoPaused
    | StepDemo
    | JumpDemo
    | ContinueDemo
)
