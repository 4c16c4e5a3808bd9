"""An account at an exchange as the scripted engine plays it: test of the connection, first contact, switching on. Test data only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from rebalancer_gui.application import events as e
from rebalancer_gui.application.connection import ConnectionReport, Permissions, Tier
from rebalancer_gui.application.first_contact import NAME
from rebalancer_gui.application.go_live import against_report, refuse_unsure
from rebalancer_gui.application.live_port import Evidence, Quotation
from rebalancer_gui.application.paper_port import DemoState, PaperState
from rebalancer_gui.application.records import OrderRow
from rebalancer_gui.application.safety_commands import BeginFirstContact, CheckConnection, GoLive
from rebalancer_gui.domain.errors import InvalidInput
from rebalancer_gui.domain.market import FeeSchedule
from rebalancer_gui.domain.money import HUNDRED, ZERO
from rebalancer_gui.domain.orders import IntentState, OrderType, Side
from rebalancer_gui.domain.rails import AccountKind, Rail, RailSet
from rebalancer_gui.domain.risk import RISK_VERSION
from rebalancer_gui.domain.strategy import RatioRule, State, StrategyParameters, Target, TradingMode
from tests.ui.sample_account import SampleAccount, SampleStrategy, four_strategies
from tests.ui.sample_history import History

LiveCommand = CheckConnection | BeginFirstContact | GoLive
GOOD = ConnectionReport(
    "binance",
    Tier.FIRST_CLASS,
    "Proven on loopback: the whole wire suite and the contract of all venues. Not yet confirmed on the real exchange.",
    "Proven on loopback; not yet confirmed on the real exchange.",
    "0a1b2c3d",
    exchange="Binance",
    time_offset=timedelta(milliseconds=40),
    identity="uid 1",
    permissions=Permissions(may_trade=True, may_withdraw=False, ip_restricted=True),
    fees=FeeSchedule(Decimal("0.001")),
)
OFFERS = (
    Quotation("LTC/USDT", "USDT", Decimal("5.29"), Decimal("0.0112")),
    Quotation("BTC/USDT", "USDT", Decimal("6.79"), Decimal("0.0138")),
)
NO_CONTACT = "There was no first contact with this key: one smallest legal buy that is sold back."


@dataclass
class LiveAccount(SampleAccount):
    """Watch only at first, with a key that may trade and may not withdraw. ``unreachable``: what the exchange says then."""

    name: str = "Binance main"
    title: str = "Binance main"
    mode: str = "LIVE"
    demo: DemoState | None = None
    paper: PaperState | None = None
    trading: TradingMode = TradingMode.WATCH
    rails: RailSet = field(default_factory=lambda: RailSet(AccountKind.LIVE))
    report: ConnectionReport = GOOD
    offers: tuple[Quotation, ...] = OFFERS
    evidence: Evidence | None = None
    unreachable: str = ""
    waits: bool = False
    """A first contact was cut short and another key was put in."""

    def lacking(self) -> tuple[str, ...]:
        return () if self.evidence is not None else (NO_CONTACT,)


def live_account(**changes: object) -> LiveAccount:
    """One with the strategies of the design; ``changes`` are its fields."""
    account = LiveAccount(**changes)  # type: ignore[arg-type]
    account.strategies = four_strategies(account.prices)
    return account


def carry_out_live(
    account: SampleAccount, command: LiveCommand, history: History, sink: Callable[[e.Event], None]
) -> e.Event:
    """The answer, after ``account`` was changed as the engine would. A first contact that was begun stands still until
    ``bought`` and ``sold_back`` are called.
    """
    if not isinstance(account, LiveAccount):
        text = f"{account.name} is no account at an exchange."
        return e.CommandRejected(command.command_id, text, "account")
    if account.unreachable:
        text = f"The exchange did not answer as it should: {account.unreachable} Nothing was changed."
        return e.CommandRejected(command.command_id, text)
    match command:
        case CheckConnection():
            if (
                account.waits
                and not against_report(account.report)
                and account.report.permissions.may_withdraw is False
            ):
                account.waits, account.trading = False, TradingMode.AUTO
            return e.ConnectionShown(
                command.command_id, account.name, account.report, account.evidence, account.lacking(), account.offers
            )
        case BeginFirstContact() if account.waits:
            refused = against_report(account.report) or _unsure(account, command)
            if refused:
                return e.CommandRejected(command.command_id, refused, "account")
            account.waits, account.trading = False, TradingMode.AUTO
        case BeginFirstContact():
            refused = against_report(account.report) or _unsure(account, command)
            if refused:
                return e.CommandRejected(command.command_id, refused, "account")
            begin(account, command.symbol)
        case GoLive():
            field_name, message = _against(account, command)
            if message:
                return e.CommandRejected(command.command_id, message, field_name)
            account.trading = command.mode
            account.rails = account.rails.with_settings({Rail.ORDER_CAP: command.max_order}, account.rails.off)
    return e.CommandDone(command.command_id)


def _unsure(account: LiveAccount, command: BeginFirstContact | GoLive) -> str:
    try:
        refuse_unsure(account.report, no_withdraw=command.no_withdraw)
    except InvalidInput as error:
        return error.message
    return ""


def _against(account: LiveAccount, command: GoLive) -> tuple[str, str]:
    if command.typed_name != account.name:
        return "account", "The name was not typed as it is."
    if command.risk_version != RISK_VERSION:
        return "risk", "Read and accept the text about risk first."
    if command.max_order <= ZERO:
        return "max_order", "Set the most that one order may be worth: an amount above 0."
    if unsure := _unsure(account, command):
        return "no_withdraw", unsure
    missing = against_report(account.report) or " ".join(account.lacking())
    return ("trading", missing) if missing else ("", "")


# ------------------------------------------------------------------------------------------------------ the first contact


def begin(account: LiveAccount, symbol: str) -> SampleStrategy:
    """The strategy that is the first contact; its buy is about to be sent."""
    offer = next(o for o in account.offers if o.symbol == symbol)
    coin = symbol.partition("/")[0]
    number = sum(s.id.startswith("s-contact") for s in account.strategies)
    name = NAME if not number else f"{NAME} {number}"
    p = StrategyParameters(
        name, offer.quote, (Target(coin, HUNDRED),), offer.investment, RatioRule(Decimal(50)), sell_all_on_stop=True
    )
    strategy = SampleStrategy(f"s-contact{number}", p, {}, offer.investment, {}, State.BUILDING)
    strategy.created_at = account.at
    account.free -= offer.investment
    account.strategies.append(strategy)
    account.trading = TradingMode.AUTO
    return strategy


def cut_short(account: LiveAccount) -> SampleStrategy:
    """A first contact that has bought, before another key was put in."""
    strategy = begin(account, account.offers[0].symbol)
    strategy.state = State.RUNNING
    account.waits, account.trading = True, TradingMode.WATCH
    return strategy


def bought(account: LiveAccount, history: History, sink: Callable[[e.Event], None]) -> None:
    """The buy is through, the sale is on its way."""
    strategy = account.strategies[-1]
    strategy.state = State.STOPPING
    _order(account, history, sink, Side.BUY)


def sold_back(account: LiveAccount, history: History, sink: Callable[[e.Event], None], *, proven: bool = True) -> None:
    """It is over, and its evidence is stored where it proved something."""
    strategy = account.strategies[-1]
    strategy.state, strategy.ended_at, strategy.quantities = State.ENDED, account.at, {}
    row = _order(account, history, sink, Side.SELL)
    account.trading = TradingMode.WATCH
    if proven:
        orders = tuple(r.client_order_id for r in reversed(history.orders) if r.strategy_id == strategy.id)
        account.evidence = Evidence(
            account.at, account.report.fingerprint, account.report.identity or "", row.symbol, Decimal("0.0119"), "USDT", orders
        )  # fmt: skip


def _order(account: LiveAccount, history: History, sink: Callable[[e.Event], None], side: Side) -> OrderRow:
    strategy = account.strategies[-1]
    symbol = f"{strategy.parameters.assets[0]}/{strategy.parameters.quote}"
    quote = account.quotes()[symbol]
    price = quote.ask if side is Side.BUY else quote.bid
    quantity, key = Decimal("0.052"), history.next_key()
    row = OrderRow(
        key, account.at, strategy.id, f"r-{key}", f"rbtest0000{side.value}{key:03d}", str(700 + key), symbol, side,
        OrderType.LIMIT_IOC, quantity, price, quantity, price, quantity * price, (("USDT", Decimal("0.005")),),
        IntentState.SETTLED, "",
    )  # fmt: skip
    history.orders.insert(0, row)
    sink(e.OrderChanged(account.name, row))
    return row


def with_rights(**changes: object) -> ConnectionReport:
    """The good report with other rights of the key."""
    return replace(GOOD, permissions=replace(GOOD.permissions, **changes))  # type: ignore[arg-type]
