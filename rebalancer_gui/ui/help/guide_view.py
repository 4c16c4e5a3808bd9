"""One page of the user guide, drawn: Markdown with pictures that follow the theme and the width. GUI thread only."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from rebalancer_gui.ui.fonts import Size, Weight
from rebalancer_gui.ui.help.guide import Guide, Page, slug_of
from rebalancer_gui.ui.outside import open_outside
from rebalancer_gui.ui.theme import current_theme
from rebalancer_gui.ui.translation import tr

_MARGIN = 24
_SIZES = {1: Size.FIGURE + 5, 2: Size.FIGURE, 3: Size.HEADER_FIGURE, 4: Size.BODY}
_LINE_PERCENT = 130
_WIDEST = 760
"""Pixels: longer lines are hard to read."""
_OUTSIDE = {"https", "http", "mailto"}


class GuideView(QTextBrowser):
    """`placeAsked(str)`: a link to another place of the guide, as ``page.md#slug``, was followed."""

    placeAsked = Signal(str)

    def __init__(self, guide: Guide, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("guideText")
        self.setAccessibleName(tr("Page of the user guide"))
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._guide = guide
        self._page: Page | None = None
        self._width = 0
        self.anchorClicked.connect(self._follow)
        current_theme().changed.connect(self._draw_again)

    def show_page(self, page: Page, slug: str = "") -> None:
        """Draw it, with this heading at the top."""
        if page is not self._page:
            self._page = page
            self._draw()
        self.scroll_to(slug)

    def scroll_to(self, slug: str) -> None:
        """Bring the heading to the top; "" is the top of the page."""
        block = next((b for b in self._headings() if slug_of(b.text()) == slug), None) if slug else None
        top = 0.0 if block is None else self.document().documentLayout().blockBoundingRect(block).top()
        self.verticalScrollBar().setValue(round(top) - (_MARGIN // 2 if block is not None else 0))

    def top_heading(self) -> str:
        """The slug of the last heading at or above the top edge; "" above the first."""
        top = self.verticalScrollBar().value() + _MARGIN
        layout = self.document().documentLayout()
        above = [b for b in self._headings() if layout.blockBoundingRect(b).top() <= top]
        return slug_of(above[-1].text()) if above else ""

    def find_first(self, words: str) -> bool:
        """Mark the first place where the words stand; False where they do not stand side by side."""
        self.moveCursor(QTextCursor.MoveOperation.Start)
        return self.find(words)

    # --------------------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        page = self._page
        if page is None:
            return
        self._width = self._text_width()
        document = QTextDocument(self)
        document.setDefaultFont(current_theme().font(Size.BODY))
        document.setDocumentMargin(_MARGIN)
        document.setBaseUrl(QUrl.fromLocalFile(f"{page.path.parent}{os.sep}"))
        document.setMarkdown(page.text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _dress(document)
        # Qt deletes the one of before, whose parent is this view too.
        self.setDocument(document)

    @Slot()
    def _draw_again(self) -> None:
        slug = self.top_heading() if self._page is not None else ""
        self._draw()
        self.scroll_to(slug)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._text_width() != self._width:
            self._draw_again()

    def sizeHint(self) -> QSize:
        return QSize(_WIDEST, 560)

    def _text_width(self) -> int:
        return max(200, min(_WIDEST, self.viewport().width()) - 2 * _MARGIN)

    def _headings(self) -> list[QTextBlock]:
        found, block = [], self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel():
                found.append(block)
            block = block.next()
        return found

    def loadResource(self, kind: int, url: QUrl | str) -> object:
        """Of a picture that there is for both themes the one of the theme in force, never wider than the text."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, url)
        path = Path(QUrl(url).toLocalFile())
        if current_theme().tokens.is_dark:
            dark = path.with_name(path.name.replace("-light.", "-dark."))
            path = dark if dark.is_file() else path
        image = QImage(str(path))
        if image.isNull():
            return None
        ratio = self.devicePixelRatioF()
        width = round(self._width * ratio)
        if image.width() > width:
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image

    # ---------------------------------------------------------------------------------------------------------- links

    @Slot(QUrl)
    def _follow(self, url: QUrl) -> None:
        if url.scheme() in _OUTSIDE:
            open_outside(url, self)
            return
        if self._page is None:
            return
        if not url.path():
            self.placeAsked.emit(f"{self._page.name}#{url.fragment()}")
            return
        there = (self._page.path.parent / url.path()).resolve()
        name = os.path.relpath(there, self._guide.folder.resolve()).replace(os.sep, "/")
        self.placeAsked.emit(f"{name}#{url.fragment()}" if url.hasFragment() else name)


def _dress(document: QTextDocument) -> None:
    """Sizes, spaces and colours of the program, on what Qt makes of Markdown."""
    theme = current_theme()
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        shape = QTextBlockFormat()
        shape.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if level:
            shape.setTopMargin(0 if level == 1 else 14)
            shape.setBottomMargin(6)
        cursor.setPosition(block.position())
        cursor.mergeBlockFormat(shape)
        if level:
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            letters = QTextCharFormat()
            letters.setFont(theme.font(_SIZES.get(level, Size.BODY), Weight.SEMIBOLD))
            # Not merged: what Markdown says about the size would win.
            cursor.setCharFormat(letters)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame)


def _dress_table(table: QTextTable) -> None:
    theme = current_theme()
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QColor(theme.tokens.border))
    shape.setBorderCollapse(True)
    shape.setCellPadding(6)
    shape.setCellSpacing(0)
    shape.setTopMargin(8)
    shape.setBottomMargin(8)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
    strong = QTextCharFormat()
    strong.setFontWeight(QFont.Weight.DemiBold)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(strong)
