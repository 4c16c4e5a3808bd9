"""Settings (Ctrl+,): the account's trading mode and safety rails, and what is chosen for the whole program, with one search over
all of it. GUI thread only.

Mode and rails are a draft until Save; what stands on the other pages counts at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.application.settings import DECLARED, Page
from rebalancer_gui.application.views import AccountView
from rebalancer_gui.domain.rails import RAILS, Rail, RailSet, problems_with_rails
from rebalancer_gui.domain.strategy import TradingMode
from rebalancer_gui.ui.dialogs.program_page import ProgramPage
from rebalancer_gui.ui.dialogs.rail_row import RailRow
from rebalancer_gui.ui.dialogs.rail_words import MODES, Section, sections
from rebalancer_gui.ui.dialogs.setting_row import KEY
from rebalancer_gui.ui.dialogs.settings_search import Found, SettingsSearch
from rebalancer_gui.ui.engine_texts import said
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.live_words import go_live_text, why_watching
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, above_foot, form_scroll_area, hairline, tab_widget
from rebalancer_gui.ui.widgets.tab_order import go_last

WIDTH, HEIGHT = 720, 660
WIDEST = 1000
_AT_ONCE = 4
"""So many parts of the list of rails are made in one turn of the window."""
_UNCHANGED = tr("Nothing is changed yet.")


@dataclass(frozen=True, slots=True)
class SettingsWish:
    """What Save asks for; None: that part is not changed."""

    mode: TradingMode | None
    rails: tuple[Mapping[Rail, Decimal], frozenset[Rail]] | None


class SettingsDialog(QDialog):
    """`confirmed(object)` carries a SettingsWish; whoever opened it calls `finish`, or `fail`. `schemeChosen(str)` at once."""

    confirmed = Signal(object)
    schemeChosen = Signal(str)
    goLiveAsked = Signal()
    """Trading of a live account is switched on elsewhere"""

    def __init__(
        self, view: AccountView, scheme: ColourScheme, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rails, self._mode, self._numbers, self._money = view.rails, view.trading, numbers, view.quote
        self._why_watching, self._go_live = why_watching(view), go_live_text(view)
        self._sending = False
        self.setObjectName("settingsDialog")
        self.setWindowTitle(tr("Settings - {title}", title=view.title))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows: dict[Rail, RailRow] = {}
        self._coming: list[Section | Rail] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._add_rows)
        self._aim: tuple[QScrollArea, QWidget | None]
        self._aiming = QTimer(self)
        self._aiming.setSingleShot(True)
        self._aiming.setInterval(0)
        self._aiming.timeout.connect(self._reveal)
        self._content = QWidget()
        self._list = _column(self._content)
        self.modes = {mode: _mode_radio(mode) for mode in MODES}
        self.program = ProgramPage(scheme)
        self._areas: dict[int, QScrollArea] = {}
        self._places: list[tuple[int, str, str, str]] = []
        self._pages: dict[Page, int] = {}
        self.reset_all = push_button(
            tr("Reset all rails"), "railsResetButton", compact=True, tip=tr("Every rail to its default")
        )
        self.tabs: QTabWidget = tab_widget("settingsTabs", tr("Parts of the settings"))
        self.search = SettingsSearch(self.tabs, self._entries)
        self._said = MessageLine("settingsMessage", centred=True)
        self.cancel = push_button(tr("Cancel"), "settingsCancelButton")
        self.save = push_button(tr("Save"), "confirmButton", kind=ButtonKind.MAIN)
        self._build()
        self._connect()
        self._judge()
        self.search.edit.setFocus()

    def _build(self) -> None:
        self.add_page(self._content, tr("Safety rails"), "railsScroll")
        self.add_page(self._mode_page(), tr("Trading mode"), "modeScroll")
        self.add_page(self.program, tr("Program"), "programScroll", Page.PROGRAM)
        foot = ActionRow(56)
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        foot.left.addWidget(self._said, 1)
        foot.give_left_the_rest()
        foot.right.addWidget(self.cancel)
        foot.right.addWidget(self.save)
        above_foot(self, self.search, foot)
        self.resize(self.width(), min(HEIGHT, self.screen().availableGeometry().height() - 80))
        self._fill_rails_page()
        self._add_rows()

    def add_page(
        self,
        page: QWidget,
        title: str,
        scroll_name: str,
        declared: Page | None = None,
        places: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        """A page that stores what is chosen there by itself. ``declared``: the settings that stand on it; ``places``: what else
        of it can be found (words on screen, objectName, more words).
        """
        area = form_scroll_area(page, scroll_name, tr("Page {title}", title=title))
        index = self.tabs.addTab(area, title)
        # All tabs are in sight: in some languages that takes more room.
        self.setFixedWidth(min(max(WIDTH, self.tabs.tabBar().sizeHint().width()), WIDEST))
        self._areas[index] = area
        if declared is not None:
            self._pages[declared] = index
        self._places.extend((index, *place) for place in places)
        self._foot_last()

    @Slot()
    def _foot_last(self) -> None:
        """Tab follows the eye: what is made later stands above the foot all the same."""
        if self.save.window() is self:
            go_last((self.cancel, self.save))

    # --------------------------------------------------------------------------------------------------------- searching

    def _entries(self) -> list[Found]:
        """Everything that the search can find."""
        texts = self.tabs.tabText
        found = [
            Found(said(s.title), texts(self._pages[s.page]),
                  f"{s.title} {said(s.help) if s.help else ''} {s.also} {said(s.also)} {s.key}",
                  partial(self._show_setting, self._pages[s.page], s.key))
            for s in DECLARED if s.page in self._pages
        ]  # fmt: skip
        found += [
            Found(title, texts(index), words, partial(self._show_named, index, name))
            for index, title, name, words in self._places
        ]
        found += [
            Found(
                said(info.title),
                texts(0),
                f"{said(info.reason)} {said(info.group.value)}",
                partial(self._show_rail, rail),
            )
            for rail, info in RAILS.items()
        ]
        found += [
            Found(title, texts(1), words, partial(self._show_part, 1, self.modes[mode]))
            for mode, (title, words) in MODES.items()
        ]
        return found

    def _show_setting(self, index: int, key: str) -> None:
        self.tabs.setCurrentIndex(index)  # a page is made when it is first looked at
        parts = self._page_at(index).findChildren(QWidget)
        self._show_part(index, next((part for part in parts if part.property(KEY) == key), None))

    def _show_named(self, index: int, name: str) -> None:
        self.tabs.setCurrentIndex(index)
        self._show_part(index, self._page_at(index).findChild(QWidget, name))

    def _show_rail(self, rail: Rail) -> None:
        while self._coming:
            self._add(self._coming.pop(0))
        row = self.rows[rail]
        parts = [part for part in (row.edit, row.check) if part is not None and part.isEnabled()]
        self._show_part(0, parts[0] if parts else row)

    def _page_at(self, index: int) -> QWidget:
        area = self._areas[index]
        return area.widget() or area

    def _show_part(self, index: int, part: QWidget | None) -> None:
        """In sight, with the focus where it can have it, as soon as a page that was only just made is on screen."""
        self.tabs.setCurrentIndex(index)
        self._aim = (self._areas[index], part)
        self._aiming.start()

    @Slot()
    def _reveal(self) -> None:
        area, part = self._aim
        if part is not None:
            area.ensureWidgetVisible(part, 0, 60)
            can = part.isEnabled() and part.focusPolicy() is not Qt.FocusPolicy.NoFocus
            (part if can else self.tabs.tabBar()).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _fill_rails_page(self) -> None:
        """Everything but the rows: those come a few at a time, so that the window never stands still."""
        column = self._list
        intro = tr(
            "A safety rail may delay or forbid what a rule triggers; it never makes anything trade more. Stop-loss, "
            "take-profit and Stop are exits."
        )
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(TextLabel(intro, TextType.BODY, Ink.TEXT2, wrap=True, parent=self._content), 1)
        top.addWidget(self.reset_all, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        column.addSpacing(12)
        column.addStretch(1)
        for section in sections(self._rails):
            self._coming.append(section)
            self._coming.extend(section.rails)

    @Slot()
    def _add_rows(self) -> None:
        """The next few rows; it calls itself again until all are there."""
        for _ in range(min(_AT_ONCE, len(self._coming))):
            self._add(self._coming.pop(0))
        if self._coming:
            self._soon.start()
        else:
            self._judge()
            self._foot_last()

    def _add(self, part: Section | Rail) -> None:
        """Above the stretch at the end of the list."""
        column, content = self._list, self._content
        if isinstance(part, Rail):
            row = RailRow(part, self._rails, self._numbers, self._money, content)
            row.edited.connect(self._judge)
            self.rows[part] = row
            column.insertWidget(column.count() - 1, hairline(content))
            column.insertWidget(column.count() - 1, row)
            return
        if self.rows:
            column.insertSpacing(column.count() - 1, 12)
        column.insertWidget(column.count() - 1, TextLabel(part.heading, TextType.TITLE, parent=content))
        if part.hint:
            hint = TextLabel(part.hint, TextType.SMALL, Ink.TEXT2, wrap=True, parent=content)
            column.insertWidget(column.count() - 1, hint)

    @property
    def is_complete(self) -> bool:
        """Whether every rail has its row."""
        return not self._coming

    def _mode_page(self) -> QWidget:
        content = QWidget()
        column = _column(content)
        column.addWidget(TextLabel(tr("What happens when a rule triggers"), TextType.TITLE))
        group = QButtonGroup(self)
        for mode, (_title, text) in MODES.items():
            radio = self.modes[mode]
            group.addButton(radio)
            radio.setChecked(mode is self._mode)
            column.addSpacing(8)
            column.addWidget(radio)
            words = TextLabel(text, TextType.SMALL, Ink.TEXT2, wrap=True)
            words.setContentsMargins(24, 0, 0, 0)
            column.addWidget(words)
            radio.setEnabled(not self._why_watching or mode is TradingMode.WATCH)
            radio.setToolTip("" if radio.isEnabled() else self._why_watching)
        if self._why_watching:
            column.addSpacing(12)
            column.addWidget(
                TextLabel(self._why_watching, TextType.BODY, Ink.TEXT2, object_name="modeLiveHint", wrap=True)
            )
            go_live = push_button(self._go_live, "settingsGoLiveButton")
            go_live.clicked.connect(self.goLiveAsked)
            column.addWidget(go_live, 0, Qt.AlignmentFlag.AlignLeft)
        if self._rails.kind.value.startswith("paper"):
            column.addSpacing(12)
            text = tr(
                "This is a paper account: no real order is ever sent. Accounts at an exchange begin on watch only."
            )
            column.addWidget(TextLabel(text, TextType.SMALL, Ink.TEXT2, object_name="modePaperHint", wrap=True))
        column.addStretch(1)
        return content

    def _connect(self) -> None:
        # Some pages are made when they are first shown.
        self.tabs.currentChanged.connect(self._foot_last, Qt.ConnectionType.QueuedConnection)
        for radio in self.modes.values():
            radio.toggled.connect(self._judge)
        self.program.schemeChosen.connect(self.schemeChosen)
        self.reset_all.clicked.connect(self._reset_all)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._confirm)

    # ----------------------------------------------------------------------------------------------------------- judging

    @property
    def mode(self) -> TradingMode:
        """The one that is chosen."""
        return next(mode for mode, radio in self.modes.items() if radio.isChecked())

    def wanted(self) -> RailSet:
        """The rails as the form says; a field that cannot be read counts as its default, one that is not there as it is."""
        values = {rail: value for rail, value in self._rails.values.items() if rail not in self.rows}
        values |= {rail: value for rail, row in self.rows.items() if (value := row.value()) is not None}
        off = {rail for rail in self._rails.off if rail not in self.rows}
        off |= {rail for rail, row in self.rows.items() if not row.is_on}
        return self._rails.with_settings(values, frozenset(off))

    def _judge(self) -> None:
        if self._sending:
            return
        wanted = self.wanted()
        whole = {p.field: p.message for p in problems_with_rails(wanted.kind, wanted.values, wanted.off)}
        for rail, row in self.rows.items():
            row.set_problem(whole.get(rail.value))
        problem = next(
            (f"{said(RAILS[rail].title)}: {text}" for rail, row in self.rows.items() if (text := row.problem())), None
        )
        changed = wanted != self._rails or self.mode is not self._mode
        block(self.save, problem or (None if changed else _UNCHANGED))
        block(
            self.reset_all,
            None if not all(r.is_default for r in self.rows.values()) else tr("Every rail has its default."),
        )
        if problem:
            self._said.show_problem(problem)
        else:
            self._said.show_hint("")

    def _reset_all(self) -> None:
        for row in self.rows.values():
            row.put_default()

    # ----------------------------------------------------------------------------------------------------------- sending

    def _confirm(self) -> None:
        self._sending = True
        block(self.save, tr("It is being saved."))
        wanted = self.wanted()
        rails = (wanted.values, wanted.off) if wanted != self._rails else None
        self.confirmed.emit(SettingsWish(self.mode if self.mode is not self._mode else None, rails))

    def finish(self) -> None:
        """It was saved: close."""
        self.accept()

    def fail(self, field: str, message: str) -> None:
        """The engine refused it: say so, beside the rail where it is about one."""
        self._sending = False
        self._judge()
        row = next((row for rail, row in self.rows.items() if rail.value == field), None)
        if row is not None:
            row.set_problem(message)
            self.tabs.setCurrentIndex(0)
        self._said.show_problem(message, aloud=True)


def _column(content: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(content)
    column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
    column.setSpacing(4)
    return column


def _mode_radio(mode: TradingMode) -> QRadioButton:
    title = MODES[mode][0]
    radio = QRadioButton(title)
    radio.setObjectName(f"mode{mode.value.capitalize()}Radio")
    radio.setAccessibleName(title)
    return radio
