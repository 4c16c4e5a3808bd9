"""The AI Rebalance page: preset cards, and name, amount and Create for the chosen one. GUI thread only."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rebalancer_gui.application.commands import LoadPresets
from rebalancer_gui.application.events import CommandRejected, PresetsReady, StrategyCreated
from rebalancer_gui.domain.allocation import Problem
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.choice_combo import CalmCombo
from rebalancer_gui.ui.create.create_flow import CreateFlow
from rebalancer_gui.ui.create.fix_rows import FixRows
from rebalancer_gui.ui.create.fixes import Fix, weights_text
from rebalancer_gui.ui.create.form_foot import HEIGHT
from rebalancer_gui.ui.create.form_state import Draft, Findings, examine, free_name, in_locale
from rebalancer_gui.ui.create.investment_section import AMOUNT_LIMITS
from rebalancer_gui.ui.create.preset_delegate import PresetDelegate
from rebalancer_gui.ui.create.preset_faces import CardFace, draft_of, face_of
from rebalancer_gui.ui.create.preset_list import PresetList
from rebalancer_gui.ui.create.surroundings import Surroundings, surroundings_of
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.theme import repolish
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.decimal_edit import DecimalEdit
from rebalancer_gui.ui.widgets.form import MessageLine
from rebalancer_gui.ui.widgets.labels import ElidedLabel, TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, hairline

INTRO = "Weights by market cap. Past returns, annualised (p.a.), one rebalance a day, no fees: no promise."
RISK = "No promise of profit. Weights follow market caps; you decide what suits you. Losses are yours."
RISK_TIP = (
    "This program does not judge whether a portfolio or a rule suits you. That a coin belongs to a category, or that its "
    "weight is typical of one, is not warranted. Returns and estimates are examples from the past."
)
_QUOTE_WIDTH = 84
_BUTTON_HEIGHT = 40


class PresetTab(QWidget):
    """`created(object)` carries StrategyCreated; `copied(object)` the `Draft` for the Manual page."""

    created = Signal(object)
    copied = Signal(object)

    def __init__(
        self, feed: EngineFeed, colours: CoinColours, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._feed, self._colours, self._numbers = feed, colours, numbers
        self._quote = ""
        self._asked: tuple[str, str] | None = None
        self._failure = ""
        self._card_id = ""
        self._name_typed = False
        self._fixed: tuple[Target, ...] | None = None
        self._fixed_words = ""
        self._findings = Findings(())
        self._refusal: Problem | None = None
        self.flow = CreateFlow(feed, colours, numbers, self)
        self.list = PresetList()
        self.list.setItemDelegate(PresetDelegate(numbers, self.list))
        self.nothing = TextLabel("", ink=Ink.TEXT2, object_name="presetListMessage", wrap=True)
        self.name = QLineEdit()
        self.name.setObjectName("presetNameEdit")
        self.name.setAccessibleName("Name of the strategy")
        self.name.setMaxLength(120)
        self.amount = DecimalEdit("presetInvestmentEdit", "Amount", places=2, limits=AMOUNT_LIMITS, numbers=numbers)
        self.quote = CalmCombo("presetQuoteCombo", "Money of the strategy")
        self.quote.setFixedWidth(_QUOTE_WIDTH)
        self.free = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetFreeLabel")
        self.status = MessageLine("presetMessage")
        self.rule = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetRuleLabel")
        self.minimum = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetMinimumLabel")
        self.fixes = FixRows("preset")
        self.fixed = ElidedLabel("", TextType.SMALL, Ink.TEXT2, object_name="presetFixedLabel")
        self.undo = push_button("Undo", "presetUndoFixButton", compact=True)
        self.copy_button = push_button(
            "Copy parameters to\nManual settings", "copyToManualButton", icon="copy",
            tip="Change coins, weights and rule before you create.",
        )  # fmt: skip
        self.preview_button = push_button("Preview", "presetPreviewButton", tip="Show the orders that would be sent.")
        self.create_button = push_button(
            "Create", "presetCreateButton", kind=ButtonKind.MAIN, tip="Shows the orders first; nothing is sent before."
        )
        self._build()
        self._connect()
        self._look()

    @property
    def findings(self) -> Findings:
        """The newest judgement of the chosen card with this name and amount."""
        return self._findings

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        intro = TextLabel(INTRO, TextType.SMALL, Ink.TEXT2, wrap=True)
        intro.setContentsMargins(SIDE, 12, SIDE, 8)
        outer.addWidget(intro)
        self.nothing.setContentsMargins(SIDE, 8, SIDE, 8)
        outer.addWidget(self.nothing)
        holder = QHBoxLayout()
        holder.setContentsMargins(SIDE, 0, 4, 0)
        holder.addWidget(self.list)
        outer.addLayout(holder, 1)
        outer.addWidget(hairline())
        outer.addWidget(self._terms())
        outer.addWidget(self._actions())

    def _terms(self) -> QWidget:
        terms = QWidget()
        column = QVBoxLayout(terms)
        column.setContentsMargins(SIDE, 8, SIDE, 10)
        column.setSpacing(4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        name_label = TextLabel("Name", TextType.SMALL, Ink.TEXT2)
        name_label.setBuddy(self.name)
        amount_label = TextLabel("Amount", TextType.SMALL, Ink.TEXT2)
        amount_label.setBuddy(self.amount)
        grid.addWidget(name_label, 0, 0)
        grid.addWidget(amount_label, 0, 1)
        grid.addWidget(self.free, 0, 1, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.name, 1, 0)
        grid.addWidget(self.amount, 1, 1)
        grid.addWidget(self.quote, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.status, 1)
        line.addWidget(self.rule)
        line.addWidget(self.minimum)
        column.addLayout(line)
        column.addWidget(self.fixes)
        after = QHBoxLayout()
        after.setSpacing(8)
        after.addWidget(self.fixed, 1)
        after.addWidget(self.undo)
        column.addLayout(after)
        risk = TextLabel(RISK, TextType.SMALL, Ink.TEXT2, object_name="presetRiskLabel", wrap=True)
        risk.setToolTip(RISK_TIP)
        column.addWidget(risk)
        return terms

    def _actions(self) -> ActionRow:
        row = ActionRow(HEIGHT)
        for button in (self.copy_button, self.preview_button, self.create_button):
            button.setFixedHeight(_BUTTON_HEIGHT)
        self.copy_button.setIconSize(QSize(16, 16))
        self.preview_button.setMinimumWidth(76)
        self.create_button.setMinimumWidth(84)
        row.left.addWidget(self.copy_button)
        row.right.addWidget(self.preview_button)
        row.right.addWidget(self.create_button)
        return row

    def _connect(self) -> None:
        self.list.cardChosen.connect(self._card_chosen)
        self.name.textEdited.connect(self._name_edited)
        self.name.editingFinished.connect(self._name_left)
        self.amount.valueChanged.connect(self._changed)
        self.amount.problemChanged.connect(self._changed)
        self.quote.currentTextChanged.connect(self._quote_chosen)
        self.fixes.chosen.connect(self._fix)
        self.undo.clicked.connect(self._undo)
        self.copy_button.clicked.connect(self._copy)
        self.preview_button.clicked.connect(self._start)
        self.create_button.clicked.connect(self._start)
        self.flow.created.connect(self._was_created)
        self.flow.refused.connect(self._was_refused)
        self._feed.accountChanged.connect(self._look)
        self._feed.marketsLoaded.connect(self._look)
        self._feed.presetsReady.connect(self._look)

    # ---------------------------------------------------------------------------------------------------------- cards

    def _load(self) -> None:
        """Ask for the cards of this account and quote, once; the engine sends newer ones by itself."""
        wanted = (self._feed.account, self._quote)
        if not all(wanted) or self._asked == wanted:
            return
        self._asked = wanted
        self._failure = ""
        self._feed.ask(LoadPresets(self._feed.next_command_id(), *wanted), self._loaded)

    def _loaded(self, answer: Answer) -> None:
        match answer:
            case PresetsReady():
                return
            case CommandRejected():
                self._failure = answer.message
                self._look()
            case _:
                raise TypeError(f"presets were answered by {type(answer).__name__}")

    @Slot()
    def _look(self) -> None:
        """Something of the engine is new: cards, prices, free money, names."""
        view = self._feed.view
        around = surroundings_of(view, self._feed.rules) if view is not None and self._feed.rules else None
        if view is not None and around is not None:
            self._quote = self._quote or around.main_quote
            self.quote.set_choices(around.quote_assets)
            self.quote.show_choice(self._quote)
            self._load()
            faces = []
            for card in self._feed.presets or ():
                slots = self._colours.for_coins(target.asset for target in card.targets)
                faces.append(face_of(card, self._quote, view.at.date(), around, slots, self._numbers))
            self.list.show_faces(faces)
        self._show(around)

    def _card_chosen(self, face: CardFace | None) -> None:
        card_id = face.card.id if face is not None else ""
        if card_id != self._card_id:
            self._card_id = card_id
            self._fixed = None
            self._refusal = None
        self._show(self._around())

    def _around(self) -> Surroundings | None:
        view = self._feed.view
        return surroundings_of(view, self._feed.rules) if view is not None and self._feed.rules else None

    # -------------------------------------------------------------------------------------------------------- judging

    def draft(self) -> Draft | None:
        """The chosen card with name, amount and fix; None while no card is chosen."""
        face = self.list.chosen()
        if face is None:
            return None
        draft = draft_of(face.card, self.name.text(), self.amount.value(), self._quote, self._fixed)
        if self.amount.value() is None and self.amount.problem():
            draft = replace(draft, unreadable={"investment": self.amount.problem() or ""})
        return draft

    def _changed(self) -> None:
        self._refusal = None
        self._show(self._around())

    def _show(self, around: Surroundings | None) -> None:
        face = self.list.chosen()
        self._show_nothing(face, around)
        if face is not None and not self._name_typed:
            name = free_name(face.card.name, around.names if around is not None else ())
            if self.name.text() != name:
                self.name.setText(name)
                self.name.setCursorPosition(0)
        draft = self.draft()
        self._findings = examine(draft, around, self._numbers) if draft is not None else _no_card(self._failure)
        self._show_terms(face, draft, around)
        first = self._findings.first
        for button in (self.preview_button, self.create_button):
            block(button, None if first is None else first.message)
        block(self.copy_button, "Choose a card first." if face is None else None)

    def _show_nothing(self, face: CardFace | None, around: Surroundings | None) -> None:
        words = ""
        if around is None:
            words = "The engine is starting\u2026"
        elif self._failure:
            words = f"The presets could not be read: {self._failure}"
        elif self._feed.presets is None:
            words = "Reading the presets\u2026"
        elif face is None:
            words = f"No preset can be used on this account in {self._quote}."
        self.nothing.setText(words)
        self.nothing.setVisible(bool(words))

    def _show_terms(self, face: CardFace | None, draft: Draft | None, around: Surroundings | None) -> None:
        findings, numbers = self._findings, self._numbers
        self.free.setText(f"free {numbers.fixed(findings.free)}" if around is not None else "")
        self.rule.setText(f"{face.rule}," if face is not None else "")
        least = findings.smallest if self._fixed is not None else face.least if face is not None else None
        self.minimum.setText(f"from {numbers.money(least, self._quote)}" if face is not None else "")
        problem = self._refusal or next((p for p in findings.problems if draft is not None), None)
        self.amount.set_outside_problem(
            findings.message("investment") or None if self.amount.value() is not None else None
        )
        refused = self._refusal.message if self._refusal is not None and self._refusal.field == "name" else ""
        self._mark_name(findings.message("name") or refused)
        untouched = draft is not None and draft.investment is None and not self.amount.text()
        if problem is None and face is not None and draft is not None:
            count = len(draft.allocation.coins)
            self.status.show_good(f"Enough for {count} coins")
        elif problem is not None and untouched and problem.field == "investment":
            self.status.show_hint("Say how much to invest.", Ink.TEXT3)
        else:
            self.status.show_problem(problem.message if problem is not None else "")
        wide = problem is not None and not (untouched and problem.field == "investment")
        self.rule.setVisible(not wide)
        self.minimum.setVisible(not wide)
        self.fixes.show_fixes(findings.fixes)
        self.fixed.setText(self._fixed_words)
        self.fixed.setVisible(self._fixed is not None)
        self.undo.setVisible(self._fixed is not None)

    def _mark_name(self, wrong: str) -> None:
        state = "error" if wrong else "ok"
        if self.name.property("state") != state:
            self.name.setProperty("state", state)
            repolish(self.name)
        self.name.setAccessibleDescription(wrong)

    # -------------------------------------------------------------------------------------------------------- editing

    def _name_edited(self) -> None:
        self._name_typed = True
        self._changed()

    def _name_left(self) -> None:
        if not self.name.text().strip():
            self._name_typed = False
            self._changed()

    def _quote_chosen(self, quote: str) -> None:
        if quote and quote != self._quote:
            self._quote = quote
            self._fixed = None
            self._refusal = None
            self._look()

    def _fix(self, fix: Fix) -> None:
        if fix.amount is not None:
            self.amount.set_value(fix.amount)
            return
        self._fixed = fix.targets
        self._fixed_words = f"{fix.text}: {weights_text(fix.targets, self._numbers)}"
        self._changed()

    def _undo(self) -> None:
        self._fixed = None
        self._changed()

    # ------------------------------------------------------------------------------------------------- copy and create

    def _copy(self) -> None:
        draft = self.draft()
        if draft is not None:
            self.copied.emit(replace(draft, unreadable={}))

    def _start(self) -> None:
        parameters = self._findings.parameters
        if parameters is not None:
            self._refusal = None
            self.flow.start(parameters)

    def _was_created(self, event: StrategyCreated) -> None:
        self._name_typed = False
        self._fixed = None
        self.amount.set_value(None)
        self._changed()
        self.created.emit(event)

    def _was_refused(self, event: CommandRejected) -> None:
        self._refusal = in_locale(Problem(event.field, event.message), self._numbers.marks)
        self._show(self._around())


def _no_card(failure: str) -> Findings:
    return Findings((Problem("", failure or "There is no card to create from."),))
