"""The Manual page of the create panel: a draft, its sections, and what Create needs. GUI thread only.

The draft changes only by what the user does. Engine updates change what it is judged against, never what it says.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rebalancer_gui.application.events import CommandRejected, StrategyCreated
from rebalancer_gui.domain.naming import suggested_name
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import MAX_COINS, Rule
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.advanced_form import AdvancedSection
from rebalancer_gui.ui.create.allocation_edits import AllocationEdits
from rebalancer_gui.ui.create.allocation_section import AllocationSection
from rebalancer_gui.ui.create.caps_loader import CapsLoader
from rebalancer_gui.ui.create.create_flow import CreateFlow
from rebalancer_gui.ui.create.expectation_panel import ExpectationPanel
from rebalancer_gui.ui.create.fixes import Fix
from rebalancer_gui.ui.create.form_foot import FormFoot
from rebalancer_gui.ui.create.form_state import Draft, Findings, examine, in_locale
from rebalancer_gui.ui.create.investment_section import InvestmentSection
from rebalancer_gui.ui.create.levels import LEVEL_FIELDS
from rebalancer_gui.ui.create.name_row import NameRow
from rebalancer_gui.ui.create.outlook import Cure, missing_for, wish_of
from rebalancer_gui.ui.create.preset_saver import PresetSaver
from rebalancer_gui.ui.create.price_news import PriceNews, besides_prices
from rebalancer_gui.ui.create.price_wish import PriceWish
from rebalancer_gui.ui.create.rule_form import RuleForm
from rebalancer_gui.ui.create.rule_testing import RuleTesting
from rebalancer_gui.ui.create.surroundings import Surroundings, surroundings_of
from rebalancer_gui.ui.create.weights import Allocation, Distribution, MarketCaps
from rebalancer_gui.ui.dialogs.add_coins import AddCoinsDialog
from rebalancer_gui.ui.engine_feed import EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.panel import SIDE, form_scroll_area, hairline

_SCROLL_BAR = 12


class ManualTab(QWidget):
    """`created(object)` carries StrategyCreated; the form is empty again by then."""

    created = Signal(object)

    def __init__(
        self, feed: EngineFeed, colours: CoinColours, numbers: NumberFormat, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._feed, self._colours, self._numbers = feed, colours, numbers
        self._draft = Draft()
        self._findings = Findings(())
        self._name_typed = False
        self._refusal: Problem | None = None
        self._focus_chain: list[QWidget] = []
        self._columns: list[QVBoxLayout] = []
        self._caps = CapsLoader(feed, self)
        self._prices = PriceWish(feed, self)
        self._pace = PriceNews(self)
        self.flow = CreateFlow(feed, colours, numbers, self)
        self._head = NameRow()
        self.name, self.quote = self._head.name, self._head.quote
        self.coins = AllocationSection(numbers)
        self.allocating = AllocationEdits(self.coins, lambda: self._draft.allocation, self)
        self.saver = PresetSaver(feed, lambda: self._draft, self)
        self.investment = InvestmentSection(numbers)
        self.rule = RuleForm(numbers, number=3)
        self.advanced = AdvancedSection(numbers)
        self.expectation = ExpectationPanel(feed, numbers, number=5)
        self.testing = RuleTesting("testRuleButton", self.expectation)
        self.preview_button = push_button(tr("Preview"), "previewButton", tip=tr("Show the orders that would be sent."))
        self.create_button = push_button(
            tr("Create"),
            "createButton",
            kind=ButtonKind.MAIN,
            tip=tr("Shows the orders first; nothing is sent before."),
        )
        self.foot = FormFoot("formMessage", (self.saver.button, self.preview_button, self.create_button))
        self._build()
        self._connect()
        self._apply(self._draft)

    @property
    def draft(self) -> Draft:
        return self._draft

    @property
    def findings(self) -> Findings:
        """The newest judgement of the draft."""
        return self._findings

    def _build(self) -> None:
        content = QWidget()
        self._sections = QVBoxLayout(content)
        self._sections.setContentsMargins(0, 12, 0, 0)
        self._sections.setSpacing(0)
        first = QWidget()
        column = QVBoxLayout(first)
        column.setContentsMargins(SIDE, 0, SIDE, 12)
        self._columns.append(column)
        column.setSpacing(8)
        column.addWidget(self._head)
        column.addWidget(self.coins)
        column.addWidget(self.saver.row)
        self._sections.addWidget(first)
        self._sections.addStretch(1)
        self.add_section(self.investment)
        self.add_section(self.rule)
        self.add_section(self.advanced, air=6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = form_scroll_area(content, "manualScroll")
        self._scroll.verticalScrollBar().rangeChanged.connect(self._make_room)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self.expectation)
        outer.addWidget(self.foot)

    def add_section(self, section: QWidget, air: int = 10) -> None:
        """Put another section under the last one, behind a hairline, with so many pixels of air."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(SIDE, air, SIDE, air + 2)
        column.addWidget(section)
        self._columns.append(column)
        # The last item is the stretch that keeps the sections at the top.
        end = self._sections.count() - 1
        self._sections.insertWidget(end, hairline())
        self._sections.insertWidget(end + 1, holder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Told from here: a form that waits for its own width to shrink keeps the width that it has.
        self.coins.set_room(self.width() - 2 * SIDE)
        self.rule.set_room(self.width() - 2 * SIDE)

    def _make_room(self, _least: int, most: int) -> None:
        """The scroll bar stands in the form's margin, so that nothing gets narrower when it comes."""
        right = SIDE - (_SCROLL_BAR if most > 0 else 0)
        for column in self._columns:
            margins = column.contentsMargins()
            if margins.right() != right:
                column.setContentsMargins(margins.left(), margins.top(), right, margins.bottom())

    def _connect(self) -> None:
        self.name.textEdited.connect(self._name_edited)
        self.name.editingFinished.connect(self._name_left)
        self.quote.currentTextChanged.connect(self._quote_chosen)
        self.coins.addPressed.connect(self.add_coins)
        self.allocating.edited.connect(self._allocated)
        self.investment.edited.connect(self._invested)
        self.investment.fixChosen.connect(self._fix)
        self.investment.held.edited.connect(self._held_edited)
        self.rule.edited.connect(self._rule_edited)
        self.advanced.edited.connect(self._advanced_edited)
        self.advanced.toggled.connect(lambda: QTimer.singleShot(0, self, self._show_advanced))
        self.expectation.cureChosen.connect(self._cure)
        self.preview_button.clicked.connect(self._start)
        self.create_button.clicked.connect(self._start)
        self._caps.loaded.connect(self._caps_loaded)
        self._caps.failed.connect(self._caps_failed)
        self.flow.created.connect(self._was_created)
        self.flow.refused.connect(self._was_refused)
        self._feed.accountChanged.connect(self._news)
        self._feed.marketsLoaded.connect(self._news)
        self._pace.due.connect(self._look)

    # ----------------------------------------------------------------------------------------------------- judging

    def _around(self) -> Surroundings | None:
        view = self._feed.view
        return surroundings_of(view, self._feed.rules) if view is not None and self._feed.rules else None

    def _apply(self, draft: Draft) -> None:
        """Something was changed by the user: judge the draft anew and forget what the engine said of the old one."""
        if draft != self._draft:
            self._refusal = None
            self.saver.forget()
        self._draft = draft
        self._look()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    @Slot()
    def _news(self) -> None:
        """Something of the engine is new; a hidden page waits until it is shown."""
        if self.isVisible():
            self._pace.hear(self._besides_prices(self._around()))

    def _besides_prices(self, around: Surroundings | None) -> tuple[object, ...]:
        """The market's day too, which dates what is known; and the prices that a level hangs on, which count at once."""
        view, draft = self._feed.view, self._draft
        levels = (level.symbol for level in (draft.trigger, draft.stop_loss, draft.take_profit) if level is not None)
        watched = [view.quotes.get(symbol) for symbol in levels] if view is not None else []
        return besides_prices(around, view.at.date() if view is not None else None, *watched)

    @Slot()
    def _look(self) -> None:
        around = self._around()
        self._pace.looked(self._besides_prices(around))
        if around is not None:
            self._offer_quotes(around)
            self.investment.held.offer(self._draft, around)
            self._draft = self.investment.held.applied_to(self._draft)
            self.investment.allow_nothing(bool(self._draft.held))
            if not self._name_typed:
                name = suggested_name(self._draft.allocation.assets, around.names)
                self._draft = replace(self._draft, name=name)
        self._prices.want(self._draft.symbols)
        self._findings = examine(self._draft, around, self._numbers)
        self._show(self._findings, around)
        allocation = self._draft.allocation
        if allocation.waits_for_caps:
            self._caps.load(allocation.assets)
        else:
            self._caps.forget()

    def _offer_quotes(self, around: Surroundings) -> None:
        self.quote.set_choices(around.quote_assets)
        if not self._draft.quote or not (self._draft.allocation.coins or around.is_money(self._draft.quote)):
            # An empty form follows to another account; one with coins keeps its money and is told where it is wrong.
            self._draft = replace(self._draft, quote=around.main_quote)
        self.quote.show_choice(self._draft.quote)

    def _show(self, findings: Findings, around: Surroundings | None) -> None:
        shown = findings
        if self._refusal is not None:
            # What the engine refused stands beside its field; trying again is allowed, so the buttons stay as they are.
            shown = replace(findings, problems=(self._refusal, *findings.problems))
        draft = self._draft
        self._head.show_name(draft.name, shown)
        slots = self._colours.for_coins(draft.allocation.assets) if len(draft.allocation.coins) <= MAX_COINS else {}
        self.coins.show_draft(draft, shown, around, slots)
        self.investment.show_draft(draft, shown, known=around is not None)
        self.saver.show_findings(draft, findings)
        self.rule.show_findings(shown)
        self.testing.show_draft(draft, findings)
        self.advanced.show_draft(draft, shown, around)
        self.expectation.show_wish(wish_of(draft, findings), around, missing_for(draft, shown))
        begun = bool(draft.allocation.coins)
        self.foot.show_findings(findings, (self.preview_button, self.create_button), begun=begun)
        if self._refusal is not None:
            self.foot.message.show_problem(self._refusal.message)
        self._chain_focus()

    def _chain_focus(self) -> None:
        """The Tab key follows the eye, also through rows that were made later."""
        chain: list[QWidget] = [
            self.name,
            self.quote,
            *self.coins.focus_order(),
            *self.investment.focus_order(),
        ]
        if chain == self._focus_chain:
            return
        self._focus_chain = chain
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # ----------------------------------------------------------------------------------------------------- editing

    def _name_edited(self, text: str) -> None:
        self._name_typed = True
        self._apply(replace(self._draft, name=text))

    def _name_left(self) -> None:
        if not self.name.text().strip():
            self._name_typed = False
            self._look()

    def _quote_chosen(self, quote: str) -> None:
        if quote and quote != self._draft.quote:
            self._apply(replace(self._draft, quote=quote))

    def _allocated(self, allocation: Allocation, wrong: str) -> None:
        unreadable = {name: text for name, text in self._draft.unreadable.items() if name != "weights"}
        if wrong:
            unreadable["weights"] = wrong
        self._apply(replace(self._draft, allocation=allocation, unreadable=unreadable))

    def add_coins(self) -> None:
        """Open the dialog in which coins are chosen."""
        dialog = AddCoinsDialog(
            self._feed, self._draft.quote, self._draft.allocation.assets, self._colours, self._numbers, self.window()
        )
        dialog.chosen.connect(self.allocating.add)
        dialog.open()

    def _invested(self, amount: Decimal | None) -> None:
        unreadable = {name: text for name, text in self._draft.unreadable.items() if name != "investment"}
        problem = self.investment.own_problem()
        if amount is None and problem:
            unreadable["investment"] = problem
        self._apply(replace(self._draft, investment=amount, unreadable=unreadable))

    def _held_edited(self) -> None:
        self._apply(self.investment.held.applied_to(self._draft))

    def _cure(self, cure: Cure) -> None:
        if cure.limit is not None:
            self.rule.put_limit(cure.limit)
        else:
            self._fix(cure)

    def _fix(self, fix: Fix | Cure) -> None:
        if fix.amount is not None:
            self.investment.edit.set_value(fix.amount)
        else:
            self.allocating.put(self._draft.allocation.with_targets(fix.targets))

    def _rule_edited(self) -> None:
        draft = self.rule.applied_to(self._draft)
        if draft != self._draft:
            self._apply(draft)

    def _show_advanced(self) -> None:
        """What was just opened is scrolled into sight, title and all, as far as there is room."""
        if self.advanced.is_open():
            self._scroll.ensureWidgetVisible(self.advanced, 0, self._columns[-1].contentsMargins().bottom())

    def _advanced_edited(self) -> None:
        draft = self.advanced.form.applied_to(self._draft)
        if draft != self._draft:
            self._apply(draft)
        else:
            # Another symbol was looked at: its price is to be shown.
            self._look()

    def _caps_loaded(self, caps: MarketCaps) -> None:
        self.allocating.put(self._draft.allocation.with_caps(caps))

    def _caps_failed(self, message: str) -> None:
        if self._draft.allocation.waits_for_caps:
            self.allocating.put(self._draft.allocation.with_distribution(Distribution.CUSTOM))
            self._refusal = Problem("weights", tr("The market caps could not be read: {message}", message=message))
            self._look()

    # -------------------------------------------------------------------------------------------------------- creating

    def _start(self) -> None:
        parameters = self._findings.parameters
        if parameters is not None:
            self._refusal = None
            self.flow.start(parameters, self._draft.held)

    def _was_created(self, event: StrategyCreated) -> None:
        self.clear()
        self.created.emit(event)

    def _was_refused(self, event: CommandRejected) -> None:
        self._refusal = in_locale(Problem(event.field, event.message), self._numbers.marks)
        if event.field in LEVEL_FIELDS:
            self.advanced.set_open(True)
        self._look()

    def clear(self) -> None:
        """An empty form; the quote stays."""
        self._put(Draft(quote=self._draft.quote), name_typed=False)

    def fill(self, draft: Draft) -> None:
        """Take over a draft from elsewhere (a preset); its name counts as typed."""
        self._put(draft, name_typed=bool(draft.name))

    def put_rule(self, rule: Rule) -> None:
        """Another rule in the form; all else stays as it is."""
        self.rule.set_draft(self._draft.with_rule(rule))
        self._rule_edited()

    def _put(self, draft: Draft, *, name_typed: bool) -> None:
        self._name_typed = name_typed
        self.allocating.forget()
        self._refusal = None
        self._draft = draft
        self.rule.set_draft(draft)
        self.advanced.set_draft(draft)
        self.investment.held.set_draft(draft)
        self.investment.allow_nothing(bool(draft.held))
        self.investment.edit.set_value(draft.investment)
        self._look()
