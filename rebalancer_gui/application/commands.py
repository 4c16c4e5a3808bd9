"""What the window or the console may ask of the engine: imperative, frozen, a closed union.

Every command is answered exactly once, by the event named in its docstring or by ``CommandRejected``; the answer
carries the command's ``command_id``.
"""

from __future__ import annotations

from dataclasses import dataclass

from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.domain.strategy import StrategyParameters


@dataclass(frozen=True, slots=True)
class PreviewStrategy:
    """Which orders would Create send? Answered by PreviewReady; nothing is changed."""

    command_id: str
    account: str
    parameters: StrategyParameters


@dataclass(frozen=True, slots=True)
class CreateStrategy:
    """Take the investment from the free pool and build the portfolio. Answered by StrategyCreated."""

    command_id: str
    account: str
    parameters: StrategyParameters


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
    """End the strategy: sell every coin, or give the coins back to the free pool. Answered by CommandDone."""

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
    | CreateStrategy
    | PauseStrategy
    | ResumeStrategy
    | RebalanceNow
    | StopStrategy
    | StopAll
    | ResumeTrading
    | LoadHistory
    | LoadChart
    | LoadPresets
    | LoadMarketCaps
    | SetDemoSpeed
    | SetDemoPaused
    | StepDemo
    | JumpDemo
    | ContinueDemo
)
