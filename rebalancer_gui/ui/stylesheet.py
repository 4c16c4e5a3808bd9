"""The application's style sheet, built from the tokens. Names as few widgets as possible: what a style sheet names,
Fusion no longer paints.

Properties that widgets set to choose a look (strings):

| widget | property | values |
|---|---|---|
| QFrame | `role` | panel, header, actionRow, statusStrip, hairline, modeLine, banner, card |
| QFrame[role=modeLine], QLabel[role=modePlate] | `mode` | paper, sandbox, live |
| QFrame[role=banner] | `level` | note, warning, blocking |
| QPushButton | `kind` | (none), main, danger, segment |
| QPushButton, QLineEdit, QComboBox | `tall` / `compact` | true: 32 px field / 28 px button |
| QLineEdit, QComboBox | `state` | ok, error |
| QLabel | `type` | figure, headerFigure, title, body, strong, small, number |
| QLabel | `ink` | a value of `tokens.Ink` |
"""

from __future__ import annotations

from PySide6.QtCore import QDir

from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.icons import tinted_svg
from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink, Tokens

_SEARCH_PATH = "look"
_IMAGE_FOLDER = "style"


def style_images() -> dict[str, bytes]:
    """What the files under `resources/icons/style` contain, by their path there.

    A style sheet can show only files, one per colour; `python -m rebalancer_gui.ui.stylesheet` writes them anew
    after a change of tokens or icons.
    """
    images: dict[str, bytes] = {}
    for tokens in (LIGHT, DARK):
        images[f"{tokens.name}/chevron-down.svg"] = tinted_svg("chevron-down", tokens.text2)
        images[f"{tokens.name}/chevron-down-disabled.svg"] = tinted_svg("chevron-down", tokens.disabled_text)
        images[f"{tokens.name}/check.svg"] = tinted_svg("check", tokens.on_accent)
        images[f"{tokens.name}/check-disabled.svg"] = tinted_svg("check", tokens.disabled_text)
    return images


def build_style_sheet(tokens: Tokens) -> str:
    """The style sheet of one theme; also tells Qt where its images lie."""
    QDir.setSearchPaths(_SEARCH_PATH, [str(resource_dir() / "icons" / _IMAGE_FOLDER)])
    parts = (_frames, _labels, _buttons, _fields, _choices, _tabs, _views, _scrolling)
    return "\n".join(part(tokens) for part in parts)


def _frames(t: Tokens) -> str:
    return f"""
QMainWindow, QDialog[ground="window"] {{ background: {t.window}; }}
QDialog {{ background: {t.surface}; }}
QFrame[role="panel"] {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: 4px; }}
QFrame[role="header"] {{ background: {t.surface}; border: none; }}
QFrame[role="actionRow"] {{ background: {t.alt}; border: none; border-top: 1px solid {t.border};
  border-bottom-left-radius: 3px; border-bottom-right-radius: 3px; }}
QFrame[role="statusStrip"] {{ background: {t.surface}; border: none; border-top: 1px solid {t.border}; }}
QFrame[role="hairline"] {{ background: {t.border}; border: none; }}
QFrame[role="card"] {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: 4px; }}
QFrame[role="modeLine"][mode="paper"] {{ background: {t.paper}; border: none; }}
QFrame[role="modeLine"][mode="sandbox"] {{ background: {t.paper}; border: none; }}
QFrame[role="modeLine"][mode="live"] {{ background: {t.live}; border: none; }}
QFrame[role="banner"] {{ border-radius: 4px; border: 1px solid; border-left-width: 4px; }}
QFrame[role="banner"][level="note"] {{ background: {t.info_bg}; border-color: {t.info_line}; }}
QFrame[role="banner"][level="warning"] {{ background: {t.warn_bg}; border-color: {t.warn_line}; }}
QFrame[role="banner"][level="blocking"] {{ background: {t.danger_bg};
  border-color: {t.danger_line} {t.danger_line} {t.danger_line} {t.loss}; }}
QFrame[role="focusRing"] {{ background: transparent; border: 2px solid {t.accent}; border-radius: 4px; }}
QSplitter::handle {{ background: transparent; }}
QToolTip {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.edge}; padding: 4px 8px; font-size: 12px; }}
"""


def _labels(t: Tokens) -> str:
    inks = "\n".join(f'QLabel[ink="{ink.value}"] {{ color: {t.ink(ink)}; }}' for ink in Ink)
    return f"""
QLabel[type="figure"] {{ font-size: 17px; font-weight: 600; }}
QLabel[type="headerFigure"] {{ font-size: 15px; font-weight: 600; }}
QLabel[type="title"] {{ font-size: 14px; font-weight: 600; }}
QLabel[type="body"] {{ font-size: 13px; }}
QLabel[type="strong"] {{ font-size: 13px; font-weight: 600; }}
QLabel[type="small"] {{ font-size: 12px; }}
QLabel[strong="true"] {{ font-weight: 600; }}
QLabel[type="number"] {{ font-size: 11px; font-weight: 600; color: {t.text2};
  border: 1px solid {t.edge}; border-radius: 9px; }}
{inks}
QLabel:disabled {{ color: {t.disabled_text}; }}
QLabel[role="modePlate"] {{ border-radius: 3px; padding: 0 12px 0 30px; }}
QLabel[role="modePlate"][mode="paper"] {{ background: {t.paper}; color: {t.on_paper}; border: 1px solid {t.paper_line}; }}
QLabel[role="modePlate"][mode="sandbox"] {{ background: {t.paper}; color: {t.on_paper}; border: 1px solid {t.paper_line}; }}
QLabel[role="modePlate"][mode="live"] {{ background: {t.live}; color: {t.on_live}; border: 1px solid {t.live}; }}
"""


def _buttons(t: Tokens) -> str:
    return f"""
QPushButton {{ background: {t.control}; color: {t.text}; border: 1px solid {t.edge}; border-radius: 4px;
  padding: 0 12px; min-height: 30px; font-size: 13px; font-weight: 500; outline: none; }}
QPushButton:hover {{ background: {t.control_hover}; }}
QPushButton:pressed {{ background: {t.control_pressed}; }}
QPushButton:checked {{ background: {t.select}; border-color: {t.accent}; }}
QPushButton:focus {{ border: 2px solid {t.accent}; padding: 0 11px; min-height: 28px; }}
QPushButton[compact="true"] {{ padding: 0 10px; min-height: 26px; }}
QPushButton[compact="true"]:focus {{ padding: 0 9px; min-height: 24px; }}
QPushButton[square="true"] {{ padding: 0; min-width: 30px; }}
QPushButton[square="true"]:focus {{ padding: 0; min-width: 28px; }}
QPushButton[compact="true"][square="true"] {{ min-width: 26px; }}
QPushButton[compact="true"][square="true"]:focus {{ min-width: 24px; }}
QPushButton[kind="main"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600; }}
QPushButton[kind="main"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[kind="main"]:pressed {{ background: {t.accent_pressed}; border-color: {t.accent_pressed}; }}
QPushButton[kind="main"]:focus {{ border-color: {t.text}; }}
QPushButton[kind="danger"] {{ color: {t.loss}; border-color: {t.loss}; }}
QPushButton[kind="danger"]:pressed {{ background: {t.danger_pressed}; }}
QPushButton[kind="danger"]:focus {{ border-color: {t.accent}; }}
QPushButton[kind="segment"] {{ border-radius: 0; padding: 0 10px; min-height: 26px; }}
QPushButton[kind="segment"]:focus {{ padding: 0 9px; min-height: 24px; }}
QPushButton[kind="segment"][end="first"] {{ border-top-left-radius: 4px; border-bottom-left-radius: 4px; }}
QPushButton[kind="segment"][end="last"] {{ border-top-right-radius: 4px; border-bottom-right-radius: 4px; }}
QPushButton[kind="segment"]:checked {{ background: {t.select}; border-color: {t.accent}; font-weight: 600; }}
QPushButton:disabled, QPushButton[kind="main"]:disabled, QPushButton[kind="danger"]:disabled {{
  background: {t.disabled_bg}; color: {t.disabled_text}; border-color: {t.border}; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QToolButton {{ background: transparent; color: {t.text}; border: 1px solid transparent; border-radius: 4px;
  padding: 3px; outline: none; }}
QToolButton:hover {{ background: {t.control_hover}; }}
QToolButton:pressed {{ background: {t.control_pressed}; }}
QToolButton:focus {{ border: 2px solid {t.accent}; padding: 2px; }}
QToolButton:disabled {{ color: {t.disabled_text}; background: transparent; }}
"""


def _fields(t: Tokens) -> str:
    return f"""
QLineEdit, QComboBox, QDateEdit {{ background: {t.control}; color: {t.text}; border: 1px solid {t.edge}; border-radius: 4px;
  padding: 0 8px; min-height: 26px; font-size: 13px; placeholder-text-color: {t.text3};
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QDateEdit:focus {{ border: 2px solid {t.accent}; padding: 0 7px; min-height: 24px; }}
QLineEdit[tall="true"], QComboBox[tall="true"] {{ min-height: 30px; }}
QLineEdit[tall="true"]:focus, QComboBox[tall="true"]:focus {{ min-height: 28px; }}
QLineEdit[state="error"] {{ border: 2px solid {t.loss}; padding: 0 7px; min-height: 24px; }}
QLineEdit[tall="true"][state="error"] {{ min-height: 28px; }}
QLineEdit:disabled, QComboBox:disabled, QDateEdit:disabled {{ background: {t.disabled_bg}; color: {t.disabled_text};
  border-color: {t.border}; }}
QLineEdit:disabled {{ placeholder-text-color: {t.disabled_text}; }}
QPlainTextEdit {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.edge}; border-radius: 4px; font-size: 13px;
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QPlainTextEdit:focus {{ border-color: {t.accent}; }}
QComboBox[state="error"] {{ border: 2px solid {t.loss}; padding: 0 7px; min-height: 24px; }}
QComboBox QLineEdit, QComboBox QLineEdit:focus, QDateEdit QLineEdit, QDateEdit QLineEdit:focus {{
  background: transparent; border: none; padding: 0; min-height: 0; }}
QComboBox::drop-down, QDateEdit::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow, QDateEdit::down-arrow {{ image: url({_SEARCH_PATH}:{t.name}/chevron-down.svg);
  width: 16px; height: 16px; }}
QComboBox::down-arrow:disabled, QDateEdit::down-arrow:disabled {{
  image: url({_SEARCH_PATH}:{t.name}/chevron-down-disabled.svg); }}
QComboBox QAbstractItemView {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.edge}; padding: 4px 0;
  selection-background-color: {t.select}; selection-color: {t.text}; outline: none; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 0 8px; }}
"""


def _choices(t: Tokens) -> str:
    return f"""
QCheckBox, QRadioButton {{ spacing: 6px; font-size: 13px; outline: none; border: 1px solid transparent;
  border-radius: 4px; padding: 1px 3px 1px 0; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {t.accent}; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {t.disabled_text}; }}
QCheckBox::indicator, QAbstractItemView::indicator {{ width: 14px; height: 14px; border: 1px solid {t.edge};
  border-radius: 3px; background: {t.control}; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ border-color: {t.accent};
  background: {t.accent}; image: url({_SEARCH_PATH}:{t.name}/check.svg); }}
QCheckBox::indicator:disabled {{ border-color: {t.border}; background: {t.disabled_bg}; }}
QCheckBox::indicator:checked:disabled {{ image: url({_SEARCH_PATH}:{t.name}/check-disabled.svg); }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {t.edge}; border-radius: 8px;
  background: {t.control}; }}
QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 5px solid {t.accent}; background: {t.on_accent}; }}
QRadioButton::indicator:disabled {{ border-color: {t.border}; background: {t.disabled_bg}; }}
QRadioButton::indicator:checked:disabled {{ border-color: {t.disabled_text}; }}
QSlider {{ min-height: 28px; }}
QSlider::groove:horizontal {{ height: 4px; background: {t.track}; border-radius: 2px; margin: 0 6px; }}
QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; margin: 0 6px; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -6px; border: 2px solid {t.accent};
  border-radius: 8px; background: {t.surface}; }}
QSlider::handle:horizontal:focus {{ background: {t.accent}; border-color: {t.text}; }}
QSlider::handle:horizontal:disabled {{ border-color: {t.border}; background: {t.disabled_bg}; }}
QSlider::sub-page:horizontal:disabled {{ background: {t.border}; }}
"""


def _tabs(t: Tokens) -> str:
    return f"""
QTabWidget::pane {{ border: none; }}
QTabWidget[role="indented"]::tab-bar {{ left: 8px; }}
QTabWidget > QStackedWidget {{ border: none; border-top: 1px solid {t.border}; }}
QTabBar {{ background: transparent; widget-animation-duration: 0; }}
QTabBar::tab {{ background: transparent; color: {t.text2}; border: none; border-bottom: 2px solid transparent;
  padding: 0 12px; min-height: 34px; font-size: 13px; font-weight: 500; }}
QTabBar[tall="true"]::tab {{ min-height: 38px; }}
QTabBar::tab:hover {{ color: {t.text}; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; font-weight: 600; }}
QTabBar::tab:focus {{ background: {t.select}; border: 2px solid {t.accent}; padding: 0 10px; min-height: 32px; }}
QTabBar[tall="true"]::tab:focus {{ min-height: 36px; }}
QTabBar::tab:disabled {{ color: {t.disabled_text}; }}
"""


def _views(t: Tokens) -> str:
    return f"""
QTableView, QListView, QTreeView {{ background: {t.surface}; color: {t.text}; border: none; outline: none;
  selection-background-color: {t.select}; selection-color: {t.text}; font-size: 13px; }}
QTableView[role="pinned"] {{ background: {t.alt}; border-top: 1px solid {t.border}; }}
QTableView[role="heat"] QTableCornerButton::section {{ background: {t.surface}; border: none; }}
QTableView[role="heat"] QHeaderView {{ background: {t.surface}; }}
QTableView[role="heat"] QHeaderView::section {{ background: {t.surface}; border: none; font-weight: 400;
  min-height: 20px; padding: 0; }}
QTableView[role="heat"] QHeaderView::section:vertical {{ padding: 0 8px 0 0; }}
QListView::item, QTreeView::item {{ min-height: 28px; padding: 0 8px; }}
QTreeView {{ background: transparent; show-decoration-selected: 1; }}
QTextBrowser {{ background: {t.surface}; color: {t.text}; border: none; selection-background-color: {t.select};
  selection-color: {t.text}; }}
QToolButton[role="helpMark"] {{ border: none; background: transparent; padding: 0; }}
QToolButton[role="helpMark"]:hover {{ background: {t.select}; border-radius: 10px; }}
QHeaderView {{ background: {t.alt}; border: none; }}
QHeaderView::section {{ background: {t.alt}; color: {t.text2}; border: none; border-bottom: 1px solid {t.border};
  padding: 0 8px; font-size: 12px; font-weight: 500; min-height: 27px; }}
QHeaderView::section:first {{ padding-left: 16px; }}
QHeaderView::section:last {{ padding-right: 16px; }}
QHeaderView::section:only-one {{ padding-left: 16px; padding-right: 16px; }}
"""


def _scrolling(t: Tokens) -> str:
    return f"""
QScrollArea[role="form"] {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {t.edge}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def write_style_images() -> None:
    """Write the images of the style sheet into the resources of this checkout."""
    for path, content in style_images().items():
        target = resource_dir() / "icons" / _IMAGE_FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


if __name__ == "__main__":
    write_style_images()
