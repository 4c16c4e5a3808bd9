"""What the very first start shows in the place of the strategies: what this is, and three ways to begin. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr
from rebalancer_gui.ui.widgets.buttons import ButtonKind, push_button
from rebalancer_gui.ui.widgets.labels import IconLabel, TextLabel, TextType

_SIDE = 24
_CARD_PADDING = 14
_ICON = 20


class WelcomePage(QWidget):
    """Nothing is blocked while it stands: the create panel at the right works. Each way, and Skip, ends it for good."""

    demoPressed = Signal()
    accountPressed = Signal()
    importPressed = Signal()
    guidePressed = Signal()
    skipPressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcomePage")
        self.demo = push_button(tr("Try the demo"), "welcomeDemoButton", kind=ButtonKind.MAIN)
        self.account = push_button(tr("Connect an account"), "welcomeAccountButton")
        self.import_file = push_button(tr("Import a strategy"), "welcomeImportButton")
        self.guide = push_button(tr("First minutes, in the guide"), "welcomeGuideButton", icon="help", compact=True)
        self.skip = push_button(tr("Skip"), "welcomeSkipButton", compact=True)
        for button, pressed in (
            (self.demo, self.demoPressed),
            (self.account, self.accountPressed),
            (self.import_file, self.importPressed),
            (self.guide, self.guidePressed),
            (self.skip, self.skipPressed),
        ):
            button.clicked.connect(pressed)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE, _SIDE, _SIDE, _SIDE // 2)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(TextLabel(tr("Welcome to Rebalancer"), TextType.FIGURE))
        column.addWidget(
            TextLabel(
                tr(
                    "You choose coins and weights; this program keeps them there by selling what grew and buying what fell "
                    "behind. It runs on this computer, and so do your keys."
                ),
                TextType.BODY,
                Ink.TEXT2,
                wrap=True,
            )
        )
        column.addSpacing(8)
        cards = QHBoxLayout()
        cards.setSpacing(12)
        self.account_card = _card(
            "external",
            tr("A real account"),
            tr("Watch only at first: no order is sent until you have tested the key and switched trading on."),
            self.account,
        )
        for card in (
            _card(
                "chart",
                tr("Play money, real past prices"),
                tr("No key and no network. Six hours of market pass in a second, so something happens soon."),
                self.demo,
            ),
            self.account_card,
            _card(
                "copy",
                tr("A strategy in a file"),
                tr("Exported here or on another computer. It is shown before anything begins."),
                self.import_file,
            ),
        ):
            cards.addWidget(card, 1)
        column.addLayout(cards)
        column.addSpacing(8)
        foot = QHBoxLayout()
        foot.addWidget(self.guide)
        foot.addStretch(1)
        foot.addWidget(self.skip)
        column.addLayout(foot)
        column.addStretch(2)

    def offer_accounts(self, *, possible: bool) -> None:
        """Where accounts cannot be added (a window without a data folder) there is no card for it."""
        self.account_card.setVisible(possible)


def _card(icon: str, title: str, text: str, button: QPushButton) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(_CARD_PADDING, _CARD_PADDING, _CARD_PADDING, _CARD_PADDING)
    column.setSpacing(6)
    column.addWidget(IconLabel(icon, Ink.ACCENT, _ICON), 0, Qt.AlignmentFlag.AlignLeft)
    column.addWidget(TextLabel(title, TextType.STRONG, wrap=True))
    words = TextLabel(text, TextType.SMALL, Ink.TEXT2, wrap=True)
    words.setAlignment(Qt.AlignmentFlag.AlignTop)
    column.addWidget(words, 1)
    column.addWidget(button)
    return card
