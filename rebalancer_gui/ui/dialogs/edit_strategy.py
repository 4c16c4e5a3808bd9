"""Edit a strategy while it lives: name, rule, trigger (while it waits), stop-loss, take-profit, Sell all. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QSizePolicy, QVBoxLayout, QWidget

from rebalancer_gui.application.views import AccountView, StrategyView
from rebalancer_gui.domain.allocation import problems_with_name, problems_with_rule
from rebalancer_gui.domain.creation import last_prices
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.protection import problems_with_levels
from rebalancer_gui.domain.strategy import OCCUPYING, Rule, State, StrategyParameters, TimeRule
from rebalancer_gui.ui.create.advanced_form import AdvancedForm
from rebalancer_gui.ui.create.drafts import draft_of
from rebalancer_gui.ui.create.expectation_panel import ExpectationPanel
from rebalancer_gui.ui.create.form_state import RULE_FIELDS, Draft, Findings, in_locale
from rebalancer_gui.ui.create.levels import Figures
from rebalancer_gui.ui.create.outlook import Cure, wish_of_living
from rebalancer_gui.ui.create.price_wish import PriceWish
from rebalancer_gui.ui.create.rule_form import RuleForm
from rebalancer_gui.ui.create.rule_testing import TEXT as TEST
from rebalancer_gui.ui.create.rule_testing import TIP as TEST_TIP
from rebalancer_gui.ui.create.surroundings import surroundings_of
from rebalancer_gui.ui.dialogs.edit_words import UNCHANGED, edit_lines
from rebalancer_gui.ui.dialogs.start_preview import StartPreviewDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.form import Field, MessageLine, line_edit
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, form_scroll_area, hairline

_WIDTH, _LEAST_HEIGHT = 480, 420
_AIR = 96
"""Pixels of the foot, and of a message line that may come."""
_SPARE = 80
"""Pixels of the screen that it leaves free."""
_UNREADABLE_RULE = tr("A rule can be tested once every field can be read.")
_EXPECTATION = 120
"""Pixels of what is to be expected."""
_NOT_YET = tr("Known once the rule can be read.")
_UNREADABLE = tr("It is listed here once every field can be read.")


class EditStrategyDialog(QDialog):
    """`confirmed(object)` carries the wanted StrategyParameters; whoever opened it calls `finish`, or `fail`.

    Where Save would start a strategy that waits, the orders of its first build are shown and confirmed first. `slots` are
    the colours of its coins.
    """

    confirmed = Signal(object)
    testAsked = Signal(object)
    """StrategyParameters with the rule that stands here, to be tested."""

    def __init__(
        self,
        feed: EngineFeed,
        strategy: StrategyView,
        slots: Mapping[str, int],
        numbers: NumberFormat,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._slots = slots
        self._lines: tuple[str, ...] = ()
        self._preview: StartPreviewDialog | None = None
        self._feed, self._numbers, self._strategy = feed, numbers, strategy
        self._prices = PriceWish(feed, self)
        self._sending, self._fresh = False, True
        self._refusal: Problem | None = None
        parameters = strategy.parameters
        self._draft = replace(draft_of(parameters), name=parameters.name, trigger=parameters.trigger)
        self.setObjectName("editStrategyDialog")
        self.setWindowTitle(tr("Edit {name}", name=parameters.name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = line_edit("editNameEdit", tr("Name of the strategy"), tall=True)
        self.name.setText(parameters.name)
        self._name_field = Field(tr("Name"), self.name, beside=True)
        self.rule = RuleForm(numbers, number=None)
        self.rule.set_draft(self._draft)
        self.expectation = ExpectationPanel(feed, numbers, number=None)
        self.advanced = AdvancedForm(numbers)
        self.advanced.set_draft(self._draft)
        self.advanced.trigger.setVisible(self._waits)
        self.test = push_button(TEST, "editTestRuleButton", icon="chart", compact=True, tip=TEST_TIP)
        self.expectation.add_action(self.test)
        self._grid = TextLabel(
            tr("Another interval starts a new time grid, from now."),
            TextType.SMALL,
            Ink.TEXT2,
            object_name="editGridHint",
        )
        self._changes = TextLabel(UNCHANGED, TextType.SMALL, object_name="editChangesLabel", wrap=True)
        self._said = MessageLine("editMessage", centred=True)
        self.cancel = push_button(tr("Cancel"), "editCancelButton")
        self.confirm = push_button(tr("Save"), "confirmButton", kind=ButtonKind.MAIN)
        self._build()
        self.name.textChanged.connect(self._edited)
        self.rule.edited.connect(self._edited)
        self.expectation.cureChosen.connect(self._cure)
        self.advanced.edited.connect(self._edited)
        feed.accountChanged.connect(self._news)
        self.cancel.clicked.connect(self.reject)
        self.test.clicked.connect(self._test)
        self.confirm.clicked.connect(self._confirm)
        self._judge()
        self.name.setFocus()

    @property
    def _waits(self) -> bool:
        return self._strategy.state is State.WAITING

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.setSpacing(12)
        column.addWidget(self._name_field)
        column.addWidget(self.rule)
        column.addWidget(self._grid)
        column.addWidget(hairline())
        column.addWidget(self.advanced)
        column.addStretch(1)
        foot = ActionRow(56)
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        foot.left.addWidget(self._said, 1)
        foot.right.addWidget(self.cancel)
        foot.right.addWidget(self.confirm)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = form_scroll_area(content, "editScroll", tr("The whole form"))
        self._scroll.verticalScrollBar().rangeChanged.connect(self._grow)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self.expectation)
        outer.addWidget(hairline())
        outer.addLayout(self._changes_box())
        outer.addWidget(foot)
        self.setFixedWidth(_WIDTH)
        room = self.screen().availableGeometry().height() - _SPARE
        self.resize(_WIDTH, min(max(content.sizeHint().height() + _EXPECTATION + _AIR, _LEAST_HEIGHT), room))

    @Slot(int, int)
    def _grow(self, _least: int, most: int) -> None:
        """What comes after it was measured, such as a warning of the rule, has its room; once somebody edits, no button moves."""
        room = self.screen().availableGeometry().height() - _SPARE
        if most > 0 and self._fresh and self.height() < room:
            self.resize(_WIDTH, min(self.height() + most, room))

    def _changes_box(self) -> QVBoxLayout:
        """Outside the scrolled part: what Save would do is in sight whatever is being typed."""
        box = QVBoxLayout()
        box.setContentsMargins(SIDE, 8, SIDE, 8)
        box.setSpacing(4)
        box.addWidget(TextLabel(tr("What changes"), TextType.STRONG))
        box.addWidget(self._changes)
        return box

    # ----------------------------------------------------------------------------------------------------------- judging

    def _edited(self) -> None:
        self._refusal, self._fresh = None, False
        self._draft = self.advanced.applied_to(self.rule.applied_to(replace(self._draft, name=self.name.text())))
        self._judge()

    def put_rule(self, rule: Rule) -> None:
        """Another rule in the dialog, not saved yet."""
        self.rule.set_draft(self._draft.with_rule(rule))
        self._edited()

    def _test(self) -> None:
        wanted = self.wanted()
        if wanted is not None:
            self.testAsked.emit(wanted)

    def _news(self, view: AccountView) -> None:
        """The strategy may have moved on; what is typed stays."""
        found = next((s for s in view.strategies if s.id == self._strategy.id), None)
        if found is not None:
            self._strategy = found
            self._judge()

    def wanted(self) -> StrategyParameters | None:
        """What would be saved; None while a field cannot be read."""
        draft, rule = self._draft, self._draft.rule
        if rule is None or any(name in draft.unreadable for name in self._fields):
            return None
        present = self._strategy.parameters
        return replace(
            present,
            name=draft.name.strip(),
            rule=rule,
            trigger=draft.trigger if self._waits else present.trigger,
            stop_loss=draft.stop_loss,
            take_profit=draft.take_profit,
            sell_all_on_stop=draft.sell_all_on_stop,
        )

    @property
    def _fields(self) -> set[str]:
        rule = {"interval", "gate"} if self._draft.by_time else {"threshold", "check_period"}
        return {*rule, "stop_loss", "take_profit", *(("trigger",) if self._waits else ())}

    def _judge(self) -> None:
        view = self._feed.view
        if view is None or self._sending:
            return
        draft, wanted = self._draft, self.wanted()
        problems = [Problem(f, text) for f, text in draft.unreadable.items() if f in self._fields]
        problems += self._problems(view, draft, wanted)
        if self._refusal is not None:
            problems.insert(0, self._refusal)
        shown = Findings(tuple(in_locale(p, self._numbers.marks) for p in problems))
        self._show(view, shown)
        self._show_changes(view, wanted)
        first = shown.first
        wrong = next((p.message for p in shown.problems if p.field in RULE_FIELDS), None)
        block(self.test, wrong or (_UNREADABLE_RULE if wanted is None else None))
        blocked = first.message if first is not None and self._refusal is None else None
        block(self.confirm, blocked or (None if self._lines else UNCHANGED))
        if first is not None and first.field not in {*self._fields, "name", *RULE_FIELDS}:
            self._said.show_problem(first.message)
        else:
            self._said.show_hint("")

    def _show_changes(self, view: AccountView, wanted: StrategyParameters | None) -> None:
        if wanted is None:
            self._lines = ()
            text = _UNREADABLE
        else:
            self._lines = edit_lines(self._strategy.parameters, wanted, self._figures(view), self._numbers)
            text = "\n".join(self._lines) or UNCHANGED
        if self._changes.text() != text:
            self._changes.setText(text)
            self._changes.set_ink(Ink.TEXT if self._lines else Ink.TEXT2)

    def _problems(self, view: AccountView, draft: Draft, wanted: StrategyParameters | None) -> list[Problem]:
        taken = [s.parameters.name for s in view.strategies if s.state in OCCUPYING and s.id != self._strategy.id]
        problems = problems_with_name(draft.name, taken)
        if draft.rule is not None:
            problems += problems_with_rule(draft.rule)
        if wanted is not None:
            present = self._strategy.parameters
            # A level that stays is not judged again: it may be about to fire, and that is its job.
            judged = replace(
                wanted,
                trigger=wanted.trigger if wanted.trigger != present.trigger else None,
                stop_loss=wanted.stop_loss if wanted.stop_loss != present.stop_loss else None,
                take_profit=wanted.take_profit if wanted.take_profit != present.take_profit else None,
            )
            returned = self._strategy.score.time_weighted or ZERO
            problems += problems_with_levels(judged, last_prices(view.quotes), waiting=self._waits, returned=returned)
        return problems

    def _show(self, view: AccountView, findings: Findings) -> None:
        self._prices.want(self._draft.symbols)
        around = surroundings_of(view, self._feed.rules)
        self.advanced.offer_symbols(self._draft, around)
        self.advanced.show_levels(self._draft, findings, self._figures(view))
        self.rule.show_findings(findings)
        readable = not any(findings.message(name) for name in RULE_FIELDS)
        self.expectation.show_wish(
            wish_of_living(self._strategy, self._draft.rule if readable else None), around, _NOT_YET
        )
        self._name_field.set_message(findings.message("name") or None)
        present = self._strategy.parameters.rule
        moves = self._draft.by_time and (not isinstance(present, TimeRule) or self._draft.interval != present.interval)
        self._grid.setVisible(moves)

    def _cure(self, cure: Cure) -> None:
        """Money and coins are changed elsewhere: here it is the threshold or gate."""
        if cure.limit is not None:
            self.rule.put_limit(cure.limit)

    def _figures(self, view: AccountView) -> Figures:
        returned = self._strategy.score.time_weighted
        return Figures(last_prices(view.quotes), self._feed.rules, returned, started=not self._waits)

    # ----------------------------------------------------------------------------------------------------------- sending

    def _confirm(self) -> None:
        wanted = self.wanted()
        if wanted is None or self._sending or self._preview is not None:
            return
        if self._waits and wanted.trigger is None:
            self._preview_start(wanted)
        else:
            self._send(wanted)

    def _preview_start(self, wanted: StrategyParameters) -> None:
        preview = StartPreviewDialog(self._feed, self._strategy, wanted, self._lines, self._slots, self._numbers, self)
        preview.confirmed.connect(self._send)
        preview.finished.connect(self._preview_closed)
        self._preview = preview
        preview.open()

    def _preview_closed(self) -> None:
        self._preview = None

    def _send(self, wanted: StrategyParameters) -> None:
        self._sending = True
        block(self.confirm, tr("It is being saved."))
        self.confirmed.emit(wanted)

    def finish(self) -> None:
        """It was saved."""
        self._sending = False
        if self._preview is not None:
            self._preview.finish()
        self.accept()

    def fail(self, field: str, message: str) -> None:
        """It was refused: said beside its field, or in the preview where that is open; the dialog stays open."""
        self._sending = False
        if self._preview is not None:
            self._preview.fail(message)
        self._refusal = Problem(field, message)
        self._judge()
