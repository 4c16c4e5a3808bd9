"""The strip that says: this is a replay. Its date, where the prices come from, how fast it runs, and its controls."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.paper_port import DemoState
from rebalancer_gui.ui.create.durations import duration_text
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import utc_date
from rebalancer_gui.ui.strategy_words import speed_text
from rebalancer_gui.ui.theme import set_icon
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.banner import Banner, Level, Notice
from rebalancer_gui.ui.widgets.buttons import block, icon_button, push_button
from rebalancer_gui.ui.widgets.labels import ElidedLabel, IconLabel, TextLabel, TextType

HEIGHT = 36
SPEEDS = (1, 60, 600, 3600, 21_600, 86_400)
_GO_ON, _RESET = "go-on", "reset"


class DemoBar(QFrame):
    """Hidden for an account that does not replay. Signals carry what was asked for; the engine's answer moves the bar."""

    speedChosen = Signal(int)
    pauseAsked = Signal(bool)
    stepPressed = Signal()
    jumpPressed = Signal()
    goOnPressed = Signal()
    resetPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("demoBar")
        self.setAccessibleName(tr("Replay of the demo market"))
        self._state: DemoState | None = None
        self._date = TextLabel("", TextType.STRONG, object_name="demoDateLabel")
        self._date.setToolTip(
            tr("The date and time of the replay, UTC: every rule, interval and timestamp runs on it.")
        )
        self._source = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="demoSourceLabel")
        self._spacing = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="demoSpacingLabel")
        self._spacing.setToolTip(tr("How far apart two prices are in market time: no strategy is checked more often."))
        self.speed_combo = QComboBox()
        self.speed_combo.setObjectName("demoSpeedCombo")
        self.speed_combo.setAccessibleName(tr("Speed of the replay"))
        self.speed_combo.setToolTip(tr("How much market time passes in a second"))
        for speed in SPEEDS:
            self.speed_combo.addItem(speed_text(speed), speed)
        self.speed_combo.activated.connect(self._speed_activated)
        self.pause_button = icon_button("paused", "demoPauseButton", tr("Pause the replay"), compact=True)
        self.step_button = icon_button("step", "demoStepButton", tr("One price further"), compact=True)
        self.jump_button = push_button(tr("Next rebalance"), "demoJumpButton", icon="jump", compact=True)
        self.jump_button.setAccessibleName(tr("Jump to the next rebalance"))
        self.jump_button.setToolTip(tr("Run ahead to the next rebalance"))
        self.pause_button.clicked.connect(self._pause_pressed)
        self.step_button.clicked.connect(self.stepPressed)
        self.jump_button.clicked.connect(self.jumpPressed)
        self._end = Banner("demoEndBanner")
        self._end.actionPressed.connect(self._banner_pressed)
        self._build()
        self.hide()

    def _build(self) -> None:
        bar = QWidget()
        bar.setFixedHeight(HEIGHT)
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(IconLabel("calendar", Ink.TEXT2))
        row.addWidget(TextLabel(tr("Replay"), TextType.BODY, Ink.TEXT2))
        row.addWidget(self._date)
        row.addSpacing(8)
        row.addWidget(self._source, 1)
        row.addWidget(self._spacing)
        row.addSpacing(8)
        row.addWidget(self.speed_combo)
        row.addWidget(self.pause_button)
        row.addWidget(self.step_button)
        row.addWidget(self.jump_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        holder = QHBoxLayout()
        holder.setContentsMargins(8, 0, 8, 0)
        holder.addWidget(self._end)
        column.addLayout(holder)

    def show_state(self, state: DemoState | None) -> None:
        """The replay as the engine told it; None: this account has live prices."""
        self.setVisible(state is not None)
        if state is None or state == self._state:
            return
        self._state = state
        at = state.market_time
        self._date.setText(tr("{utc_date} {at} UTC", utc_date=utc_date(at), at=f"{at:%H:%M}"))
        source = said(state.source)
        if self._source.text() != source:
            self._source.setText(source)
        self._spacing.setText(tr("a price every {spacing}", spacing=duration_text(state.spacing)))
        self._show_speed(state.speed)
        self._show_buttons(state)
        self._show_end(state)

    def _show_speed(self, speed: int) -> None:
        index = self.speed_combo.findData(speed)
        if index < 0:
            self.speed_combo.addItem(speed_text(speed), speed)
            index = self.speed_combo.count() - 1
        # Not while somebody is choosing.
        if index != self.speed_combo.currentIndex() and not self.speed_combo.view().isVisible():
            self.speed_combo.setCurrentIndex(index)

    def _show_buttons(self, state: DemoState) -> None:
        name = tr("Go on with the replay") if state.paused else tr("Pause the replay")
        if self.pause_button.accessibleName() != name:
            self.pause_button.setAccessibleName(name)
            set_icon(self.pause_button, "running" if state.paused else "paused")
        over = tr("The replay is over.") if state.ended else None
        for button in (self.pause_button, self.step_button):
            block(button, over)
        if over is None:
            self.pause_button.setToolTip(name)
        jumping = tr("Running ahead to the next rebalance.") if state.jumping else None
        if jumping and self.jump_button.hasFocus():
            # It is disabled now: the keyboard goes to what ends the run, not to the next panel.
            self.pause_button.setFocus()
        block(self.jump_button, over or jumping)

    def _show_end(self, state: DemoState) -> None:
        if not state.ended:
            self._end.show_notice(None)
            return
        day = f", {utc_date(state.market_time)}" if state.last_day is not None else ""
        self._end.show_notice(
            Notice(
                Level.NOTE,
                tr("The replay has reached its last day{day}.", day=day),
                tr(
                    "The strategies keep their state. Prices can go on from here by a random walk, which is invented; or the "
                    "paper account begins anew, at the date where the replay begins."
                ),
                button=tr("Go on with a random walk"),
                action=_GO_ON,
                other_button=tr("Reset paper account\u2026"),
                other_action=_RESET,
            )
        )

    @Slot(int)
    def _speed_activated(self, index: int) -> None:
        self.speedChosen.emit(int(self.speed_combo.itemData(index)))

    @Slot()
    def _pause_pressed(self) -> None:
        self.pauseAsked.emit(self._state is None or not self._state.paused)

    @Slot(str)
    def _banner_pressed(self, action: str) -> None:
        if action == _GO_ON:
            self.goOnPressed.emit()
        elif action == _RESET:
            self.resetPressed.emit()
