"""F1, the question marks and the guide's own window."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QImage, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QWidget,
)

from rebalancer_gui.resources_path import guide_dir
from rebalancer_gui.ui.help.desk import HelpDesk
from rebalancer_gui.ui.help.explained_header import NONE, ExplainedHeader
from rebalancer_gui.ui.help.guide import Guide
from rebalancer_gui.ui.help.guide_view import GuideView
from rebalancer_gui.ui.help.guide_window import GuideWindow
from rebalancer_gui.ui.help.help_mark import ExplanationBox, HelpMark, guide_calls
from rebalancer_gui.ui.help.terms import Term, explanations
from rebalancer_gui.ui.help.topics import FIRST
from rebalancer_gui.ui.theme import ColourScheme
from rebalancer_gui.ui.widgets.tables import DataTable
from tests.ui.parts import found, theme_of
from tests.ui.window.conftest import in_window


def mouse_at(at: QPoint) -> QMouseEvent:
    """The mouse came there."""
    nobody = Qt.MouseButton.NoButton
    return QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(at), nobody, nobody, Qt.KeyboardModifier.NoModifier)


@pytest.fixture
def guide_window(qtbot, qapp):
    theme_of(qapp)
    window = GuideWindow(Guide(guide_dir()))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


def shown_guide(desk):
    guide = desk.window.help.shown
    assert guide is not None
    return guide


def pages_of(contents):
    model = contents.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def image_of(view, name) -> QImage:
    image = view.loadResource(2, QUrl.fromLocalFile(str(guide_dir().parent / "pictures" / name)))
    assert isinstance(image, QImage)
    return image


def test_f1_opens_the_guide_at_the_control_in_which_somebody_types(desk, qtbot):
    found(desk.window, QTabWidget, "createTabs").setCurrentIndex(1)
    desk.find(QComboBox, "thresholdCombo").setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert shown_guide(desk).place == "manual.md#by-coin-ratio"
    desk.window.help.close()


def test_f1_answers_in_a_dialog_too_and_the_guide_can_be_read_beside_it(desk, qtbot):
    desk.press("stopButton")
    dialog = QApplication.activeModalWidget() or desk.window.findChild(QWidget, "stopDialog")
    found(dialog, QWidget, "stopKeepRadio").setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    guide = shown_guide(desk)
    assert guide.place == "manual.md#stopping"
    assert guide.isVisible()
    desk.window.help.close()


def header_of(desk, name):
    table = found(desk.window, DataTable, name)
    header = table.horizontalHeader()
    assert isinstance(header, ExplainedHeader)
    return table, header


def box_under(header):
    (box,) = [box for box in header.findChildren(ExplanationBox) if box.isVisible()]
    return box


def test_a_column_with_a_term_shows_its_question_mark_under_the_mouse_and_the_mark_explains_it(desk, qtbot):
    table, header = header_of(desk, "strategiesTable")
    column = table.keyed_model.column_of("vs_hodl")
    assert header.marked == NONE
    clicked: list[int] = []
    header.sectionClicked.connect(clicked.append)
    qtbot.mouseMove(header.viewport(), header.mark_rect(column).center() + QPoint(30, 0))
    header.mouseMoveEvent(mouse_at(header.mark_rect(column).center()))
    assert header.marked == column
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.mark_rect(column).center())
    box = box_under(header)
    assert found(box, QLabel, "explanation-hodl").text() == explanations()[Term.HODL].text
    under = header.mapToGlobal(header.mark_rect(column).bottomLeft())
    assert 0 < box.y() - under.y() < 10
    assert header.marked == column
    assert clicked == [], "the mark is no press on the column"
    box.close()
    header.mouseMoveEvent(mouse_at(header.mark_rect(table.keyed_model.column_of("coins")).center()))
    assert header.marked == NONE, "a column without a term has none"


def test_shift_f1_in_a_table_says_what_the_column_of_the_cursor_means(desk, qtbot):
    table, header = header_of(desk, "ratiosTable")
    table.setFocus()
    table.setCurrentIndex(table.keyed_model.index(0, table.keyed_model.column_of("target")))
    assert header.marked == table.keyed_model.column_of("target")
    qtbot.keyClick(table, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    box = box_under(header)
    assert found(box, QLabel, "explanation-coins-and-weights").isVisible()
    box.close()
    table.setCurrentIndex(table.keyed_model.index(0, table.keyed_model.column_of("price")))
    table.explain_action.trigger()
    assert box_under(header).findChild(QLabel, "explanation-coins-and-weights"), "the first that has a term"


def test_the_menu_of_a_header_says_what_its_column_is(desk):
    table, header = header_of(desk, "strategiesTable")
    menu = table.header_menu(table.keyed_model.column_of("drift"))
    first = menu.actions()[0]
    assert (first.objectName(), first.text()) == ("explainColumnAction", "What is this: Drift")
    first.trigger()
    assert found(box_under(header), QLabel, "explanation-drift").isVisible()
    assert not table.header_menu(table.keyed_model.column_of("coins")).findChild(QAction, "explainColumnAction")


def test_a_screen_reader_hears_what_a_column_means(desk):
    table, _header = header_of(desk, "strategiesTable")
    model = table.keyed_model
    told = model.headerData(
        model.column_of("profit"), Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleDescriptionRole
    )
    assert told == f"Profit: {explanations()[Term.PROFIT].text}"


@pytest.mark.parametrize("size", [(1280, 800), (1024, 700)])
def test_the_coins_of_the_form_have_their_question_mark_and_nothing_is_cut_for_it(desk, size):
    desk.window.resize(*size)
    found(desk.window, QTabWidget, "createTabs").setCurrentIndex(1)
    desk.draw()
    section = desk.window.create_panel.manual.coins
    assert section.mark.isVisible()
    status, mark = in_window(section, section.status), in_window(section, section.mark)
    assert status.right() < mark.left()
    assert mark.right() < section.width()
    section.mark.click()
    box = found(section.mark, ExplanationBox, "explanationBox")
    assert found(box, QLabel, "explanation-coins-and-weights").isVisible()
    box.close()


def test_the_guide_goes_with_the_window(desk):
    desk.window.help.open(FIRST)
    guide = shown_guide(desk)
    desk.window.close_without_asking()
    assert not guide.isVisible()
    assert desk.window.help.shown is None


def test_a_question_mark_says_what_its_terms_mean_and_leads_to_the_guide(desk, qtbot):
    found(desk.window, QTabWidget, "createTabs").setCurrentIndex(1)
    mark = next(mark for mark in desk.window.findChildren(HelpMark, "help-threshold") if mark.isVisible())
    qtbot.mouseClick(mark, Qt.MouseButton.LeftButton)
    box = found(mark, ExplanationBox, "explanationBox")
    assert found(box, QLabel, "explanation-threshold").text() == explanations()[Term.THRESHOLD].text
    desk_place = explanations()[Term.THRESHOLD].place
    found(box, QPushButton, "explanationMoreButton").click()
    assert shown_guide(desk).place == desk_place
    desk.window.help.close()


def test_every_question_mark_of_the_window_is_read_out_with_its_explanation(desk):
    marks = desk.window.findChildren(HelpMark)
    assert len(marks) >= 8
    for mark in marks:
        assert mark.accessibleName().startswith("What is this: ")
        for term in mark.terms:
            assert explanations()[term].text in mark.accessibleDescription()


def test_links_go_on_and_back_and_forward_lead_where_one_was(guide_window):
    guide_window.go_to("manual.md#stopping")
    view = found(guide_window, GuideView, "guideText")
    view.anchorClicked.emit(QUrl("advanced.md"))
    assert guide_window.place == "advanced.md"
    found(guide_window, QPushButton, "guideBackButton").click()
    assert guide_window.place == "manual.md#stopping"
    found(guide_window, QPushButton, "guideForwardButton").click()
    assert guide_window.place == "advanced.md"
    assert not found(guide_window, QPushButton, "guideForwardButton").isEnabled()


def test_a_link_from_a_page_beside_the_guide_leads_back_into_it(guide_window):
    guide_window.go_to("../venues.md")
    assert guide_window.place == "../venues.md"
    found(guide_window, GuideView, "guideText").anchorClicked.emit(QUrl("guide/going-live.md"))
    assert guide_window.place == "going-live.md"


def test_a_place_that_is_gone_leads_to_the_contents(guide_window):
    guide_window.go_to("gone.md#away")
    assert guide_window.place == "README.md"


def test_a_heading_that_is_asked_for_is_at_the_top(guide_window):
    guide_window.go_to("reading-the-numbers.md#fees")
    view = found(guide_window, GuideView, "guideText")
    assert view.top_heading() == "fees"


def test_search_lists_only_the_pages_with_these_words_and_marks_the_place(guide_window, qtbot):
    edit = found(guide_window, QLineEdit, "guideSearchEdit")
    edit.setText("chmod")
    contents = found(guide_window, QTreeWidget, "guideContents")
    assert pages_of(contents) == ["Running without a window"]
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert guide_window.place == "running-without-a-window.md"
    assert found(guide_window, GuideView, "guideText").textCursor().selectedText().lower() == "chmod"
    edit.setText("no such word anywhere")
    assert contents.topLevelItemCount() == 0
    assert found(guide_window, QLabel, "guideFoundLabel").text() == "No page has these words"


def test_the_picture_is_that_of_the_theme_in_force(guide_window, qapp):
    view = found(guide_window, GuideView, "guideText")
    guide_window.go_to("first-minutes.md")
    light = image_of(view, "main-light.png")
    theme_of(qapp, ColourScheme.DARK)
    dark = image_of(view, "main-light.png")
    theme_of(qapp, ColourScheme.LIGHT)
    assert light.pixelColor(2, 2).lightness() > 200
    assert dark.pixelColor(2, 2).lightness() < 80
    assert light.width() <= view.width()


@pytest.mark.expect_log("the user guide cannot be read")
def test_without_a_guide_it_is_said_instead_of_nothing_happening(qtbot, qapp, tmp_path):
    theme_of(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    help_desk = HelpDesk(lambda: tmp_path / "none", window)
    help_desk.open(FIRST)
    assert help_desk.shown is None
    box = found(window, QWidget, "guideMissingBox")
    assert box.isVisible()
    box.close()
    guide_calls().placeAsked.disconnect(help_desk.open)
