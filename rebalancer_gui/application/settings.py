"""Every setting of the program, each declared once: where it stands in settings.json, its type, default, legal values and words.

The file, its check, the dialog's editors, its search, export and import, and ``rebalancer settings`` all read this. Settings of
one account (its safety rails, its trading mode) are kept with the account; ``domain.rails`` declares those.

    LANGUAGE.of(section)                # the value that stands in the section of settings.json, or the default
    ALL["program.language"]             # by key
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic

from rebalancer_gui.application.notices import TellOf
from rebalancer_gui.application.setting_kinds import Amount, Choice, Kind, NotLegal, Switch, T, Whole

SECTIONS = ("window", "program", "notifications", "market_data")
"""The parts of settings.json in which settings stand; each also holds what is none (sizes of the window, channels)."""


class Page(enum.Enum):
    """The page of the dialog on which a setting stands."""

    PROGRAM = "program"
    NOTIFICATIONS = "notifications"
    MARKET_DATA = "market data"


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """``path``: its section in settings.json and the keys below it. ``help`` is a sentence for people; ``also``: more words under
    which it is found. ``at_next_start``: it takes effect then.
    """

    path: tuple[str, ...]
    kind: Kind[T]
    default: T
    page: Page
    title: str
    help: str = ""
    also: str = ""
    at_next_start: bool = False
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", ".".join(self.path))

    @property
    def section(self) -> str:
        return self.path[0]

    def raw(self, section: Mapping[str, object]) -> object:
        """What stands for it in its section; None where nothing does."""
        found: object = section
        for name in self.path[1:]:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def of(self, section: Mapping[str, object]) -> T:
        """Its value; the default where nothing legal stands there."""
        raw = self.raw(section)
        try:
            return self.default if raw is None else self.kind.read(raw)
        except NotLegal:
            return self.default

    def fault_of(self, section: Mapping[str, object]) -> str:
        """What is wrong with what stands there, what is legal, and what is used instead; "" where nothing is wrong."""
        raw = self.raw(section)
        try:
            if raw is not None:
                self.kind.read(raw)
        except NotLegal as wrong:
            return f"{self.key}: {wrong}. The default is used: {self.kind.words(self.default)}."
        return ""


COLOURS = Choice((("system", "As the system"), ("light", "Light"), ("dark", "Dark")))
THEME = Setting(
    ("window", "theme"),
    COLOURS,
    "system",
    Page.PROGRAM,
    "Colours",
    "Changed at once.",
    "appearance theme light dark mode",
)
LANGUAGE = Setting(
    ("program", "language"),
    Choice((("system", "As the system"), ("en", "English"), ("de", "Deutsch"))),
    "system",
    Page.PROGRAM,
    "Language",
    "The words of the window. It takes effect at the next start.",
    "english german deutsch sprache translation",
    at_next_start=True,
)
ON_CLOSE = Setting(
    ("program", "on_close"),
    Choice((("ask", "Ask each time"), ("tray", "Keep running in the tray"), ("stop", "Stop the engine and quit"))),
    "ask",
    Page.PROGRAM,
    "When the window is closed while strategies run",
    "Without a tray, which not every desktop has, it asks instead of hiding there.",
    "close quit exit background hide",
)
START_MINIMISED = Setting(
    ("program", "start_minimised"),
    Switch(),
    False,
    Page.PROGRAM,
    "Start minimised",
    "The window opens in the tray, or in the task bar where there is no tray. Also with --minimised.",
    "hidden background autostart minimized",
)
TOLD = {
    of: Setting(("notifications", "events", of.value), Switch(), True, Page.NOTIFICATIONS, title, also="tell message")
    for of, title in (
        (TellOf.HALTED, "A strategy or the account is halted"),
        (TellOf.QUARANTINED, "An order needs my decision"),
        (TellOf.STOP_LOSS, "A stop-loss was reached"),
        (TellOf.TAKE_PROFIT, "A take-profit was reached"),
        (TellOf.REJECTED, "The exchange rejected an order"),
        (TellOf.SKIPPED, "A rebalance is skipped for long"),
        (TellOf.LOW_BNB, "BNB for fees runs low"),
    )
}
TELL_PAPER = Setting(
    ("notifications", "paper"), Switch(), True, Page.NOTIFICATIONS, "Paper accounts too", also="tell message play money"
)
TELL_DESKTOP = Setting(
    ("notifications", "desktop"),
    Switch(),
    True,
    Page.NOTIFICATIONS,
    "Notifications of this desktop",
    also="tell message popup",
)
SKIPPED_HOURS = Setting(
    ("notifications", "skipped_after_hours"),
    Whole(1, 24 * 30, "hours"),
    24,
    Page.NOTIFICATIONS,
    "Skipped for long is",
    "A rebalance that was due for so many hours and not carried out is told.",
    "overdue",
)
LOW_BNB = Setting(
    ("notifications", "low_bnb"),
    Amount(Decimal(0), Decimal(1000), "BNB"),
    Decimal("0.01"),
    Page.NOTIFICATIONS,
    "BNB is low below",
    "Fees that are paid with BNB need some of it.",
    "fees",
)
KEEP_AWAKE = Setting(
    ("notifications", "keep_awake"),
    Switch(),
    True,
    Page.NOTIFICATIONS,
    "Keep this computer awake while a live strategy runs",
    also="sleep suspend power standby inhibit",
)
CAPS_ONLINE = Setting(
    ("market_data", "online"),
    Switch(),
    True,
    Page.MARKET_DATA,
    "Read market caps from the internet",
    also="coingecko coinpaprika network offline privacy market cap",
)

DECLARED: tuple[Setting[Any], ...] = (
    THEME,
    LANGUAGE,
    ON_CLOSE,
    START_MINIMISED,
    *TOLD.values(),
    TELL_PAPER,
    SKIPPED_HOURS,
    LOW_BNB,
    TELL_DESKTOP,
    KEEP_AWAKE,
    CAPS_ONLINE,
)
"""In the order in which they are listed."""
ALL: dict[str, Setting[Any]] = {setting.key: setting for setting in DECLARED}
