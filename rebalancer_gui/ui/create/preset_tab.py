"""The AI Rebalance page: preset cards, and name, amount and Create for the chosen one. GUI thread only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rebalancer_gui.application.commands import LoadPresets
from rebalancer_gui.application.events import CommandRejected, PresetsReady, StrategyCreated
from rebalancer_gui.application.preset_commands import RefreshMarketCaps
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.naming import free_name
from rebalancer_gui.domain.problems import Problem
from rebalancer_gui.domain.strategy import Target
from rebalancer_gui.ui.coin_colours import CoinColours
from rebalancer_gui.ui.create.caps_line import CapsLine
from rebalancer_gui.ui.create.create_flow import CreateFlow
from rebalancer_gui.ui.create.expectation_line import ExpectationLine
from rebalancer_gui.ui.create.fixes import Fix, FixKind, weights_text
from rebalancer_gui.ui.create.form_foot import HEIGHT
from rebalancer_gui.ui.create.form_state import Draft, Findings, examine, in_locale
from rebalancer_gui.ui.create.outlook import Cure, wish_of_preset
from rebalancer_gui.ui.create.own_presets import OwnPresetRow
from rebalancer_gui.ui.create.preset_delegate import PresetDelegate
from rebalancer_gui.ui.create.preset_faces import CardFace, draft_of, face_of, priced
from rebalancer_gui.ui.create.preset_list import PresetList
from rebalancer_gui.ui.create.preset_terms import PresetTerms, Terms
from rebalancer_gui.ui.create.price_news import PriceNews, besides_prices
from rebalancer_gui.ui.create.surroundings import Surroundings, surroundings_of
from rebalancer_gui.ui.engine_feed import Answer, EngineFeed
from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, block, push_button
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType
from rebalancer_gui.ui.widgets.panel import SIDE, ActionRow, hairline

INTRO = tr("Past returns p.a., one rebalance a day, no fees.")
_BUTTON_HEIGHT = 40
_WIDE = 376
_LIST_END = 4


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
        self._fix_taken: Fix | None = None
        self._findings = Findings(())
        self._refusal: Problem | None = None
        self._faces: tuple[object, list[CardFace]] = (None, [])
        self._pace = PriceNews(self)
        self.flow = CreateFlow(feed, colours, numbers, self)
        self.list = PresetList()
        self.list.setItemDelegate(PresetDelegate(numbers, self.list))
        self.caps = CapsLine()
        self.own = OwnPresetRow(feed)
        self._nothing = TextLabel("", ink=Ink.TEXT2, object_name="presetListMessage", wrap=True)
        self.expectation = ExpectationLine(feed, numbers)
        self.terms = PresetTerms(numbers)
        self.copy_button = push_button(
            tr("Copy parameters to\nManual settings"), "copyToManualButton", icon="copy", compact=True,
            tip=tr("Change coins, weights and rule before you create."),
        )  # fmt: skip
        self.preview_button = push_button(
            tr("Preview"), "presetPreviewButton", compact=True, tip=tr("Show the orders that would be sent.")
        )
        self.create_button = push_button(
            tr("Create"),
            "presetCreateButton",
            kind=ButtonKind.MAIN,
            compact=True,
            tip=tr("Shows the orders first; nothing is sent before."),
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
        intro.setContentsMargins(SIDE, 10, SIDE, 2)
        outer.addWidget(intro)
        self.caps.setContentsMargins(SIDE, 0, SIDE, 6)
        outer.addWidget(self.caps)
        self._nothing.setContentsMargins(SIDE, 8, SIDE, 8)
        outer.addWidget(self._nothing)
        holder = QHBoxLayout()
        holder.setContentsMargins(SIDE, 0, _LIST_END, 0)
        holder.addWidget(self.list)
        outer.addLayout(holder, 1)
        outer.addWidget(hairline())
        self.own.setContentsMargins(SIDE, 8, SIDE, 0)
        outer.addWidget(self.own)
        self.expectation.setContentsMargins(SIDE, 4, SIDE - 4, 0)
        outer.addWidget(self.expectation)
        outer.addWidget(self.terms)
        row = ActionRow(HEIGHT)
        for button in (self.copy_button, self.preview_button, self.create_button):
            button.setFixedHeight(_BUTTON_HEIGHT)
        row.left.addWidget(self.copy_button)
        row.right.addWidget(self.preview_button)
        row.right.addWidget(self.create_button)
        outer.addWidget(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        for button, least in ((self.preview_button, 76 if wide else 68), (self.create_button, 84 if wide else 64)):
            # Other languages have longer words.
            button.setFixedWidth(max(least, button.fontMetrics().horizontalAdvance(button.text()) + 22))

    def _connect(self) -> None:
        terms = self.terms
        self.list.cardChosen.connect(self._card_chosen)
        self.caps.refreshPressed.connect(self._refresh)
        self.own.failed.connect(self._failed)
        self.expectation.cureChosen.connect(self._cure)
        terms.edited.connect(self._changed)
        terms.nameEdited.connect(self._name_edited)
        terms.nameLeft.connect(self._name_left)
        terms.quoteChosen.connect(self._quote_chosen)
        terms.fixChosen.connect(self._fix)
        terms.undone.connect(self._undo)
        self.copy_button.clicked.connect(self._copy)
        self.preview_button.clicked.connect(self._start)
        self.create_button.clicked.connect(self._start)
        self.flow.created.connect(self._was_created)
        self.flow.refused.connect(self._was_refused)
        self._feed.accountChanged.connect(self._news)
        self._feed.marketsLoaded.connect(self._news)
        self._feed.presetsReady.connect(self._cards_came)
        self._pace.due.connect(self._look)

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

    @Slot(object)
    def _cards_came(self, event: PresetsReady) -> None:
        """Cards that nobody asked for are made for the account's main money: for another one they are asked for again."""
        if event.account == self._feed.account and event.quote not in {"", self._quote}:
            self._asked = None
        self._news()

    def _refresh(self) -> None:
        self._feed.ask(RefreshMarketCaps(self._feed.next_command_id(), self._feed.account), self._refreshed)

    def _refreshed(self, answer: Answer) -> None:
        if isinstance(answer, CommandRejected):
            self._failed(answer.message)

    def _failed(self, message: str) -> None:
        """Until the next change it stands under the cards."""
        self._refusal = Problem("", message)
        self._show(self._around())

    def _around(self) -> Surroundings | None:
        view = self._feed.view
        return surroundings_of(view, self._feed.rules) if view is not None and self._feed.rules else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._failure:
            # Coming back is asking again.
            self._asked = None
        self._look()

    @Slot()
    def _news(self) -> None:
        """Something of the engine is new: cards, prices, free money, names. A hidden page waits until it is shown."""
        if self.isVisible():
            self._pace.hear(self._besides_prices(self._around()))

    def _besides_prices(self, around: Surroundings | None) -> tuple[object, ...]:
        view = self._feed.view
        of_view = (view.caps, view.at.date()) if view is not None else ()
        return besides_prices(around, self._feed.presets, self._asked, *of_view)

    @Slot()
    def _look(self) -> None:
        view, around = self._feed.view, self._around()
        self._pace.looked(self._besides_prices(around))
        if view is not None and around is not None:
            self.caps.show_state(view.caps, view.at.date())
            if not around.is_money(self._quote):
                self._quote = around.main_quote
            self.terms.quote.set_choices(around.quote_assets)
            self.terms.quote.show_choice(self._quote)
            self._load()
            quiet = QSignalBlocker(self.list)
            self.list.show_faces(self._faces_of(around, view.at.date()))
            quiet.unblock()
            self._note_card(self.list.chosen())
        self._show(around)

    def _faces_of(self, around: Surroundings, today: date) -> list[CardFace]:
        """The cards as they stand now; where only prices are new, the faces of before with the new smallest investments."""
        state = (self._feed.presets, self._quote, today, around.rules)
        if state == self._faces[0]:
            faces = [priced(face, around, self._numbers) for face in self._faces[1]]
        else:
            faces = []
            for card in self._feed.presets or ():
                slots = self._colours.for_coins(target.asset for target in card.targets)
                faces.append(face_of(card, self._quote, today, around, slots, self._numbers))
        self._faces = (state, faces)
        return faces

    def _card_chosen(self, face: CardFace | None) -> None:
        self._note_card(face)
        self._show(self._around())

    def _note_card(self, face: CardFace | None) -> None:
        """Another card forgets the fix and the refusal of the one before."""
        card_id = face.card.id if face is not None else ""
        if card_id != self._card_id:
            self._card_id = card_id
            self._fix_taken = None
            self._refusal = None

    # -------------------------------------------------------------------------------------------------------- judging

    def draft(self) -> Draft | None:
        """The chosen card with name, amount and fix; None while no card is chosen."""
        face = self.list.chosen()
        if face is None:
            return None
        targets: tuple[Target, ...] | None = self._fix_taken.targets if self._fix_taken is not None else None
        draft = draft_of(face.card, self.terms.name.text(), self.terms.amount.value(), self._quote, targets)
        problem = self.terms.own_problem()
        return replace(draft, unreadable={"investment": problem}) if problem else draft

    def _changed(self) -> None:
        self._refusal = None
        self._show(self._around())

    def _show(self, around: Surroundings | None) -> None:
        face = self.list.chosen()
        self._say_nothing(face, around)
        if face is not None and not self._name_typed:
            self.terms.suggest_name(free_name(face.card.name, around.names if around is not None else ()))
        if self.own.show_card(face.card if face is not None else None):
            # The list is as much lower now, or higher: what was chosen stays in sight.
            QTimer.singleShot(0, self, lambda: self.list.scrollTo(self.list.currentIndex()))
        draft = self.draft()
        if draft is None:
            nothing = Problem("", self._failure or tr("There is no card to create from."))
            self._findings = Findings((nothing,), free=around.money(self._quote) if around is not None else ZERO)
        else:
            self._findings = examine(draft, around, self._numbers)
        self.expectation.show_wish(None if draft is None else wish_of_preset(draft, self._findings), around)
        fix = self._fix_taken
        self.terms.show_terms(
            Terms(
                face=face,
                findings=self._findings,
                quote=self._quote,
                known=around is not None,
                coins=len(draft.allocation.coins) if draft is not None else 0,
                least=self._findings.smallest if fix is not None or face is None else face.least,
                refusal=self._refusal,
                fixed=f"{fix.text}: {weights_text(fix.targets, self._numbers)}" if fix is not None else "",
            )
        )
        first = self._findings.first
        for button in (self.preview_button, self.create_button):
            block(button, None if first is None else first.message)
        block(self.copy_button, tr("Choose a card first.") if face is None else None)

    def _say_nothing(self, face: CardFace | None, around: Surroundings | None) -> None:
        """Why there is no card to choose, in place of the cards."""
        words = ""
        if around is None:
            words = tr("The engine is starting\u2026")
        elif self._failure:
            words = tr("The presets could not be read: {failure}", failure=self._failure)
        elif self._feed.presets is None:
            words = tr("Reading the presets\u2026")
        elif face is None:
            words = tr("No preset can be used on this account in {quote}.", quote=self._quote)
        self._nothing.setText(words)
        self._nothing.setVisible(bool(words))

    # -------------------------------------------------------------------------------------------------------- editing

    def _name_edited(self) -> None:
        self._name_typed = True
        self._changed()

    def _name_left(self) -> None:
        if not self.terms.name.text().strip():
            self._name_typed = False
            self._changed()

    def _quote_chosen(self, quote: str) -> None:
        if quote and quote != self._quote:
            self._quote = quote
            self._fix_taken = None
            self._refusal = None
            self._look()

    def _fix(self, fix: Fix) -> None:
        if fix.amount is not None:
            self.terms.amount.set_value(fix.amount)
        else:
            self._fix_taken = fix
            self._changed()

    def _cure(self, cure: Cure) -> None:
        if cure.amount is not None:
            self.terms.amount.set_value(cure.amount)
        elif cure.targets:
            words = tr("Without {names}", names=", ".join(cure.dropped))
            self._fix(Fix(FixKind.LEAVE_OUT, words, weights_text(cure.targets, self._numbers), targets=cure.targets))

    def _undo(self) -> None:
        self._fix_taken = None
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
        self._fix_taken = None
        self.terms.amount.set_value(None)
        self._changed()
        self.created.emit(event)

    def _was_refused(self, event: CommandRejected) -> None:
        self._refusal = in_locale(Problem(event.field, event.message), self._numbers.marks)
        self._show(self._around())
