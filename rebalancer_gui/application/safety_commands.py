"""Commands about safety rails and approval; they belong to the union in ``commands``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rebalancer_gui.domain.rails import Rail
from rebalancer_gui.domain.strategy import TradingMode


@dataclass(frozen=True, slots=True)
class SetRails:
    """The settings of the account's safety rails: ``values`` that differ from the default, ``off`` the rails that are
    switched off. They replace what was set before. Answered by CommandDone; the field of a refusal is the rail's key.
    """

    command_id: str
    account: str
    values: Mapping[Rail, Decimal]
    off: frozenset[Rail] = frozenset()


@dataclass(frozen=True, slots=True)
class SetTradingMode:
    """Watch only, approve or automatic, for the whole account. Answered by CommandDone."""

    command_id: str
    account: str
    mode: TradingMode


@dataclass(frozen=True, slots=True)
class ApproveProposal:
    """Send the rebalance that a strategy proposes. Refused when it is not the one that stands now. Answered by CommandDone
    when it is about to be sent.
    """

    command_id: str
    strategy_id: str
    proposal_id: str


@dataclass(frozen=True, slots=True)
class DeclineProposal:
    """Not now: nothing is proposed for that strategy for ten minutes. Answered by CommandDone."""

    command_id: str
    strategy_id: str
    proposal_id: str


@dataclass(frozen=True, slots=True)
class CheckConnection:
    """Read-only questions to the exchange of a live account. Answered by ConnectionShown."""

    command_id: str
    account: str


@dataclass(frozen=True, slots=True)
class BeginFirstContact:
    """One smallest legal buy in ``symbol`` that is sold back, with the account's own key; costs about what
    ConnectionShown said. It is the account's evidence when it is through. Answered by CommandDone when it was begun. One that
    waits for a test of another key goes on instead. ``no_withdraw`` as of GoLive.
    """

    command_id: str
    account: str
    symbol: str
    no_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class GoLive:
    """Switch trading of a live account on. ``typed_name``: what its owner typed; ``risk_version``: of the text that was
    accepted; ``max_order``: what one order may be worth at most, quote units; ``no_withdraw``: its owner has looked that the
    key may not withdraw, which is needed where the exchange does not tell. Answered by CommandDone.
    """

    command_id: str
    account: str
    typed_name: str
    risk_version: int
    max_order: Decimal
    mode: TradingMode
    no_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Accounts that wait for their key (it was unlocked) or for their exchange look again at once, not only when it is time.
    Answered by CommandDone.
    """

    command_id: str


SafetyCommand = (
    SetRails
    | SetTradingMode
    | CheckConnection
    | BeginFirstContact
    | GoLive
    | ApproveProposal
    | DeclineProposal
    | TryAgain
)
"""These of the union of commands."""
