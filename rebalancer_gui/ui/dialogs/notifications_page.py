"""The page Notifications of Settings: what is told, where, and what keeps this computer ready. GUI thread only.

What is chosen here counts at once; it is made when it is first looked at.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.notices import TellOf
from rebalancer_gui.application.settings import (
    KEEP_AWAKE,
    LOW_BNB,
    SKIPPED_HOURS,
    TELL_DESKTOP,
    TELL_PAPER,
    TOLD,
    Setting,
)
from rebalancer_gui.application.telling_desk import CheckedAddress, TellingDesk
from rebalancer_gui.application.telling_settings import (
    MAX_NAME,
    Channel,
    TellSettings,
)
from rebalancer_gui.domain.errors import InvalidInput, RebalancerError
from rebalancer_gui.ui.dialogs.channel_row import BUSY, ChannelRow
from rebalancer_gui.ui.dialogs.setting_row import number_edit, switch
from rebalancer_gui.ui.dialogs.settings_page import SettingsPage
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.errands import Errands
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Level
from rebalancer_gui.ui.widgets.buttons import block, push_button
from rebalancer_gui.ui.widgets.form import Field, MessageLine, line_edit
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import hairline
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner, SecretEdit

SOON_MS = 400
"""After the last change of a number it is stored."""
HOUR = timedelta(hours=1)
EVENTS = (
    (TellOf.HALTED, "tellHaltedCheck"),
    (TellOf.QUARANTINED, "tellQuarantinedCheck"),
    (TellOf.STOP_LOSS, "tellStopLossCheck"),
    (TellOf.TAKE_PROFIT, "tellTakeProfitCheck"),
    (TellOf.REJECTED, "tellRejectedCheck"),
    (TellOf.SKIPPED, "tellSkippedCheck"),
    (TellOf.LOW_BNB, "tellLowBnbCheck"),
)
PLACES = (
    (tr("Add a channel"), "channelAddressEdit", tr("Apprise ntfy Telegram mail e-mail phone address")),
    (tr("Rebalancer starts when I log in"), "autostartCheck", tr("start with the system autostart login boot")),
)
"""What the search of Settings finds here beside the declared settings."""
_INTRO = tr(
    "What is chosen here counts at once, for all accounts. Each happening is told once; titles begin with LIVE, SANDBOX or PAPER."
)
_ADDRESS_HINT = tr(
    "An Apprise address, such as ntfys://TOPIC, tgram://TOKEN/CHAT or mailtos://USER:PASSWORD@HOST. It holds a token or a "
    "password, so it is kept like a key and never shown."
)
_NO_DESKTOP = tr("This session has no desktop that shows notifications.")


class NotificationsPage(SettingsPage):
    """``desk`` is where everything is read and changed; what may take its time is done in ``background``."""

    def __init__(
        self,
        desk: TellingDesk,
        background: Errands,
        cleaner: ClipboardCleaner,
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(background, _INTRO, "notificationsMessage", parent)
        self._desk, self._cleaner, self._numbers = desk, cleaner, numbers
        self._asked = replace(desk.settings, channels=())
        self.rows: list[ChannelRow] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._store)

    def leave(self) -> None:
        """The dialog closes: a number that was typed a moment ago is stored, and answers still to come are for nobody."""
        if self._soon.isActive():
            self._soon.stop()
            self._store()
        super().leave()

    # --------------------------------------------------------------------------------------------------------- building

    def _build(self, column: QVBoxLayout) -> None:
        self._build_events(column)
        self._build_channels(column)
        self._build_computer(column)
        column.addStretch(1)

    def _build_events(self, column: QVBoxLayout) -> None:
        settings = self._desk.settings
        column.addSpacing(4)
        column.addWidget(TextLabel(tr("Tell me when"), TextType.TITLE))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        self.events = {of: self._check(TOLD[of], name, on=of in settings.events) for of, name in EVENTS}
        self.paper = self._check(TELL_PAPER, "tellPaperCheck", on=settings.paper)
        for number, check in enumerate((*self.events.values(), self.paper)):
            grid.addWidget(check, number // 2, number % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        self.hours = number_edit(SKIPPED_HOURS, "tellSkippedHoursEdit", self._numbers)
        self.hours.set_value(Decimal(settings.skipped_after // HOUR))
        self.bnb = number_edit(LOW_BNB, "tellLowBnbEdit", self._numbers)
        self.bnb.set_value(settings.low_bnb)
        for edit in (self.hours, self.bnb):
            edit.valueChanged.connect(self._soon.start)
        fields = QHBoxLayout()
        fields.setSpacing(16)
        fields.addWidget(Field(said(SKIPPED_HOURS.title), self.hours), 1, Qt.AlignmentFlag.AlignTop)
        fields.addWidget(Field(said(LOW_BNB.title), self.bnb), 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(fields)

    def _build_channels(self, column: QVBoxLayout) -> None:
        column.addSpacing(12)
        column.addWidget(TextLabel(tr("Where"), TextType.TITLE))
        has_desktop = self._desk.has_desktop
        self.desktop = self._check(TELL_DESKTOP, "tellDesktopCheck", on=self._desk.settings.desktop and has_desktop)
        self.test_desktop = push_button(
            tr("Test"), "desktopTestButton", compact=True, accessible_name=tr("Test notifications of this desktop")
        )
        self.test_desktop.clicked.connect(self._test_desktop)
        self.desktop_said = MessageLine("desktopMessage")
        self.desktop_said.hide()
        if not has_desktop:
            self.desktop.setEnabled(False)
            self.desktop.setToolTip(_NO_DESKTOP)
            self.desktop.setAccessibleDescription(_NO_DESKTOP)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.desktop, 1)
        line.addWidget(self.test_desktop)
        column.addLayout(line)
        column.addWidget(self.desktop_said)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addLayout(self._list)
        self.name = line_edit("channelNameEdit", tr("Name"), tall=True, placeholder=tr("Phone"))
        self.name.setMaxLength(MAX_NAME)
        self.address = SecretEdit("channelAddressEdit", tr("Address"), self._cleaner)
        self.add = push_button(tr("Add channel"), "channelAddButton")
        self.name.textChanged.connect(self._judge)
        self.address.textChanged.connect(self._judge)
        self.address.returnPressed.connect(self.add.click)
        self.add.clicked.connect(self._add)
        self.name_field = Field(tr("Name (optional)"), self.name)
        self.address_field = Field(tr("Address"), self.address)
        new = QHBoxLayout()
        new.setSpacing(8)
        new.addWidget(self.name_field, 1, Qt.AlignmentFlag.AlignTop)
        new.addWidget(self.address_field, 3, Qt.AlignmentFlag.AlignTop)
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(TextLabel("", TextType.SMALL))
        beside.addWidget(self.add)
        beside.addStretch(1)
        new.addLayout(beside)
        column.addLayout(new)
        column.addWidget(
            TextLabel(_ADDRESS_HINT, TextType.SMALL, Ink.TEXT2, object_name="channelAddressHint", wrap=True)
        )
        self._list_channels()

    def _build_computer(self, column: QVBoxLayout) -> None:
        column.addSpacing(12)
        column.addWidget(TextLabel(tr("This computer"), TextType.TITLE))
        self.awake = self._check(KEEP_AWAKE, "keepAwakeCheck", on=self._desk.settings.keep_awake)
        column.addWidget(self.awake)
        autostart = self._desk.autostart
        self.autostart = QCheckBox(tr("Rebalancer starts when I log in"))
        self.autostart.setObjectName("autostartCheck")
        self.autostart.setAccessibleName(self.autostart.text())
        why_not = autostart.why_not if autostart is not None else tr("This is not offered here.")
        self.autostart.setChecked(autostart is not None and autostart.is_on())
        self.autostart.setEnabled(not why_not)
        self.autostart.setToolTip(why_not)
        self.autostart.setAccessibleDescription(why_not)
        self.autostart.toggled.connect(self._autostart_chosen)
        column.addWidget(self.autostart)

    def _check(self, setting: Setting[bool], name: str, *, on: bool) -> QCheckBox:
        check = switch(setting, name, on=on)
        check.toggled.connect(self._store)
        return check

    # --------------------------------------------------------------------------------------------------------- choosing

    def wanted(self) -> TellSettings:
        """As the page says; a number that cannot be read counts as it was."""
        now = self._asked
        hours, bnb = self.hours.value(), self.bnb.value()
        return replace(
            now,
            events=frozenset(of for of, check in self.events.items() if check.isChecked()),
            skipped_after=HOUR * int(hours) if hours is not None else now.skipped_after,
            low_bnb=bnb if bnb is not None else now.low_bnb,
            paper=self.paper.isChecked(),
            desktop=self.desktop.isChecked() if self._desk.has_desktop else now.desktop,
            keep_awake=self.awake.isChecked(),
        )

    @Slot()
    def _store(self) -> None:
        wanted = replace(self.wanted(), channels=())
        if wanted != self._asked:
            self._asked = wanted
            self._background.run(
                lambda: self._desk.save(wanted), self._here(self._stored), self._here(self._not_stored)
            )

    @Slot(bool)
    def _autostart_chosen(self, on: bool) -> None:
        autostart = self._desk.autostart
        if autostart is not None:
            self._background.run(lambda: autostart.set(on=on), self._here(self._stored), self._here(self._not_stored))

    # --------------------------------------------------------------------------------------------------------- channels

    def _list_channels(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.rows = []
        for channel in self._desk.settings.channels:
            row = ChannelRow(channel)
            row.testPressed.connect(self._test)
            row.removePressed.connect(self._remove)
            self.rows.append(row)
            self._list.addWidget(hairline(self))
            self._list.addWidget(row)
        if self.rows:
            self._list.addWidget(hairline(self))
        self._judge()

    def _judge(self) -> None:
        missing = None if self.address.text().strip() else tr("Type or paste the address of the channel.")
        block(self.add, BUSY if self._busy else missing)
        desktop = None if self._desk.has_desktop else _NO_DESKTOP
        block(self.test_desktop, BUSY if self._busy else desktop)
        for row in self.rows:
            row.set_busy(busy=self._busy)
        for field in (self.name_field, self.address_field):
            field.set_message(None)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self._judge()

    def _add(self) -> None:
        name, address = self.name.text(), self.address.secret()
        self._set_busy(busy=True)
        self._background.run(
            lambda: self._desk.add(name, address), self._here(self._added), self._here(self._not_added)
        )

    def _added(self, answer: tuple[Channel, CheckedAddress]) -> None:
        channel, checked = answer
        self.name.clear()
        self.address.clear()
        self._busy = False
        self._list_channels()
        if checked.unencrypted:
            self.address_field.set_message(
                tr("{channel} was added. What is sent there is not encrypted on its way.", channel=channel.name),
                Level.WARNING,
            )

    def _not_added(self, error: RebalancerError) -> None:
        self._set_busy(busy=False)
        at_name = isinstance(error, InvalidInput) and error.field == "name"
        field = self.name_field if at_name else self.address_field
        field.set_message(said(f"{error.message} {error.advice}".strip()))

    @Slot(object)
    def _test(self, channel: Channel) -> None:
        row = self._row(channel)
        self._set_busy(busy=True)
        self._background.run(
            lambda: self._desk.test(channel),
            self._here(lambda _nothing: self._tested(row, None)),
            self._here(lambda error: self._tested(row, error)),
        )

    def _tested(self, row: ChannelRow | None, error: RebalancerError | None) -> None:
        self._set_busy(busy=False)
        if row is not None and row in self.rows:
            row.say(_outcome(error), good=error is None)

    @Slot(object)
    def _remove(self, channel: Channel) -> None:
        self._set_busy(busy=True)
        self._background.run(
            lambda: self._desk.remove(channel), self._here(self._removed), self._here(self._not_removed)
        )

    def _removed(self, _nothing: object) -> None:
        self._busy = False
        self._list_channels()

    def _not_removed(self, error: RebalancerError) -> None:
        """Of the settings it is out; only the vault would not let go of its address."""
        self._removed(None)
        self._not_stored(error)

    @Slot()
    def _test_desktop(self) -> None:
        self._set_busy(busy=True)
        self._background.run(
            lambda: self._desk.test(None),
            self._here(lambda _nothing: self._desktop_tested(None)),
            self._here(self._desktop_tested),
        )

    def _desktop_tested(self, error: RebalancerError | None) -> None:
        self._set_busy(busy=False)
        if error is None:
            self.desktop_said.show_good(_outcome(None), aloud=True)
        else:
            self.desktop_said.show_problem(_outcome(error), aloud=True)
        self.desktop_said.show()

    def _row(self, channel: Channel) -> ChannelRow | None:
        return next((row for row in self.rows if row.channel == channel), None)


def _outcome(error: RebalancerError | None) -> str:
    if error is None:
        return tr("The test message was sent. See whether it arrives.")
    text = said(f"{error.message} {error.advice}".strip())
    return tr("The test message was not sent: {text}", text=text)
