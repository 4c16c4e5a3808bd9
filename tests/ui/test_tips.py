import pytest
from PySide6.QtGui import QTextDocument

from rebalancer_gui.ui.widgets.labels import ElidedLabel
from rebalancer_gui.ui.widgets.tips import plain_tip
from tests.ui.parts import theme_of

SENTENCE = (
    "BNB skipped: below minimum, ADA skipped: below minimum, DOT skipped: below minimum, EOS skipped: below minimum"
)


def read(tip: str) -> str:
    """What a reader of the tooltip sees."""
    if not tip.startswith("<"):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize(
    "text", ["", "Core 4", "<b>Bold</b> & co", "a < b > c", "two\nlines", SENTENCE, f"<i>{SENTENCE}"]
)
def test_a_tooltip_says_exactly_its_text(qapp, text: str):
    assert read(plain_tip(text)) == text


def test_a_long_tooltip_runs_over_lines_and_a_short_one_stays_as_it_is(qapp):
    assert plain_tip(SENTENCE).startswith("<p ")
    assert plain_tip("Core 4: By coin ratio 1 %") == "Core 4: By coin ratio 1 %"


def test_a_label_that_is_cut_does_not_read_markup_in_its_tooltip(qtbot, qapp):
    theme_of(qapp)
    label = ElidedLabel("<b>Bold</b> & co is within 1 %")
    qtbot.addWidget(label)
    label.resize(40, 20)
    label.show()
    assert read(label.toolTip()) == "<b>Bold</b> & co is within 1 %"
