"""The window of the user guide: contents and search at the left, the page at the right, back and forward. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from rebalancer_gui.ui.help.guide import CONTENTS, Guide, Page
from rebalancer_gui.ui.help.guide_view import GuideView
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import is_english, tr
from rebalancer_gui.ui.widgets.buttons import block, icon_button
from rebalancer_gui.ui.widgets.focus_ring import show_focus
from rebalancer_gui.ui.widgets.form import make_clearable
from rebalancer_gui.ui.widgets.labels import TextLabel, TextType

_PLACE = Qt.ItemDataRole.UserRole
_CONTENTS_WIDTH = 260


class GuideWindow(QDialog):
    """Stays beside the main window, which goes on answering."""

    def __init__(self, guide: Guide, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("guideWindow")
        self.setWindowTitle(tr("User guide"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, on=True)
        self.setModal(False)
        self._guide = guide
        self._before: list[str] = []
        self._after: list[str] = []
        self._here = ""
        self._page: Page | None = None
        self.view = GuideView(guide)
        self.search = QLineEdit()
        self.contents = QTreeWidget()
        self.back = icon_button("chevron-left", "guideBackButton", tr("Back"), compact=True, tip=tr("Back (Alt+Left)"))
        self.forward = icon_button(
            "chevron-right", "guideForwardButton", tr("Forward"), compact=True, tip=tr("Forward (Alt+Right)")
        )
        self._found = TextLabel("", TextType.SMALL, Ink.TEXT2, object_name="guideFoundLabel")
        self._build()
        self._connect()
        self._list_pages()
        self.resize(1040, 680)

    def _build(self) -> None:
        self.search.setObjectName("guideSearchEdit")
        self.search.setAccessibleName(tr("Search the user guide"))
        self.search.setPlaceholderText(tr("Search the user guide"))
        make_clearable(self.search)
        show_focus(self.contents)
        show_focus(self.view)
        self.contents.setObjectName("guideContents")
        self.contents.setAccessibleName(tr("Contents of the user guide"))
        self.contents.setHeaderHidden(True)
        self.contents.setIndentation(14)
        self.contents.setRootIsDecorated(False)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.contents.setTextElideMode(Qt.TextElideMode.ElideRight)
        bar = QHBoxLayout()
        bar.setSpacing(6)
        bar.addWidget(self.back)
        bar.addWidget(self.forward)
        bar.addWidget(self.search, 1)
        left = QWidget()
        left.setFixedWidth(_CONTENTS_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(12, 12, 8, 8)
        column.setSpacing(8)
        column.addLayout(bar)
        if not is_english():
            column.addWidget(
                TextLabel(
                    tr("The pages of this guide are in English."),
                    TextType.SMALL,
                    Ink.TEXT2,
                    object_name="guideLanguageLabel",
                    wrap=True,
                )
            )
        column.addWidget(self._found)
        column.addWidget(self.contents, 1)
        self._found.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(self.view, 1)
        self.setTabOrder(self.search, self.contents)
        self.setTabOrder(self.contents, self.view)

    def _connect(self) -> None:
        self.contents.itemActivated.connect(self._chosen)
        self.contents.itemClicked.connect(self._chosen)
        self.view.placeAsked.connect(self.go_to)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._show_first)
        self.back.clicked.connect(self.go_back)
        self.forward.clicked.connect(self.go_forward)
        QShortcut(QKeySequence("Alt+Left"), self, self.go_back)
        QShortcut(QKeySequence("Alt+Right"), self, self.go_forward)
        QShortcut(QKeySequence("Ctrl+F"), self, self.search.setFocus)

    # ------------------------------------------------------------------------------------------------------ going about

    @property
    def place(self) -> str:
        """Where it was last sent to: ``page.md#slug``."""
        return self._here

    @Slot(str)
    def go_to(self, place: str) -> None:
        """Show this place, ``page.md#slug``; one that there is not leads to the contents."""
        if self._here and place != self._here:
            self._before.append(self._here)
            self._after.clear()
        self._show(place)

    @Slot()
    def go_back(self) -> None:
        if self._before:
            self._after.append(self._here)
            self._show(self._before.pop())

    @Slot()
    def go_forward(self) -> None:
        if self._after:
            self._before.append(self._here)
            self._show(self._after.pop())

    def _show(self, place: str) -> None:
        page, slug = self._guide.find(place) or (self._guide.pages[0], "")
        self._here = f"{page.name}#{slug}" if slug else page.name
        if page is not self._page:
            self._page = page
            self._list_pages()
        self.view.show_page(page, slug)
        self._mark(self._here)
        block(self.back, None if self._before else tr("This is where you began."))
        block(self.forward, None if self._after else tr("There is no later page."))

    # ------------------------------------------------------------------------------------------------ contents, search

    def _list_pages(self) -> None:
        """The pages that hold the searched words; under the one that is shown its sections."""
        words = self.search.text().strip()
        pages = self._guide.with_words(words)
        self.contents.clear()
        for page in pages:
            item = QTreeWidgetItem([page.title if page.name != CONTENTS else tr("Contents")])
            item.setData(0, _PLACE, page.name)
            item.setToolTip(0, page.title)
            self.contents.addTopLevelItem(item)
            if page is self._page and not words:
                for heading in page.headings:
                    if heading.level == 2:
                        part = QTreeWidgetItem([heading.text])
                        part.setData(0, _PLACE, f"{page.name}#{heading.slug}")
                        part.setToolTip(0, heading.text)
                        item.addChild(part)
                item.setExpanded(True)
        self._found.setVisible(bool(words))
        if words:
            self._found.setText(
                tr("%n pages have these words", "", len(pages)) if pages else tr("No page has these words")
            )

    def _mark(self, place: str) -> None:
        items = QTreeWidgetItemIterator(self.contents)
        while (item := items.value()) is not None:
            if item.data(0, _PLACE) == place:
                self.contents.setCurrentItem(item)
            items += 1

    @Slot(QTreeWidgetItem, int)
    def _chosen(self, item: QTreeWidgetItem, _column: int) -> None:
        # The list is made anew while the page changes: what was clicked is asked before.
        place, words = str(item.data(0, _PLACE)), self.search.text().strip()
        self.go_to(place)
        if words:
            self.view.find_first(words)

    @Slot()
    def _search(self) -> None:
        self._list_pages()

    @Slot()
    def _show_first(self) -> None:
        first = self.contents.topLevelItem(0)
        if first is not None:
            self._chosen(first, 0)
