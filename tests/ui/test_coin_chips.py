"""Coins painted in cells and cards; the gallery of all parts."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from rebalancer_gui.ui.tokens import DARK, LIGHT, Ink
from rebalancer_gui.ui.widgets.coin_chips import CoinChip, coin_cell, coins_cell, paint_chips
from tests.ui import gallery
from tests.ui.parts import painting, row_of, theme_of

FOUR = [CoinChip("BTC", 1), CoinChip("ETH", 2), CoinChip("BNB", 3), CoinChip("SOL", 4)]


def squares(image: QImage) -> list[int]:
    """The slots whose colour is on the image, in the order of the palette."""
    seen = set(row_of(image, image.height() // 2))
    return [slot for slot, colour in enumerate(LIGHT.coins, start=1) if colour.fill in seen]


@pytest.mark.parametrize("outlined", (True, False))
@pytest.mark.parametrize(("width", "shown"), ((400, [1, 2, 3, 4]), (120, [1]), (20, [])))
def test_as_many_chips_are_painted_as_fit(qapp: QApplication, width: int, shown: list[int], outlined: bool):
    theme = theme_of(qapp)
    with painting(width, 32) as (image, painter):
        painter.fillRect(image.rect(), theme.colour(Ink.ON_ACCENT))
        end = paint_chips(painter, image.rect(), FOUR, theme, outlined=outlined)
    found = squares(image)
    assert found[: len(shown)] == shown
    assert len(found) < 4 or width == 400
    assert end <= width or not shown


def test_coins_left_out_are_counted(qapp: QApplication):
    theme = theme_of(qapp)
    with painting(400, 32) as (_, painter):
        all_shown = paint_chips(painter, QRect(0, 0, 400, 32), FOUR[:2], theme, outlined=True)
        with_more = paint_chips(painter, QRect(0, 0, 400, 32), FOUR[:2], theme, outlined=True, total=5)
    assert with_more > all_shown + 20


def test_cells_of_coins_say_them_all():
    cell = coins_cell([CoinChip("BTC", 1, "72.2"), CoinChip("ETH", 2)])
    assert (cell.text, cell.spoken, cell.tip) == ("BTC 72.2 ETH", "BTC 72.2, ETH", "BTC 72.2 ETH")
    assert coin_cell("BTC", 1).bold
    assert not coin_cell("USDT", None).bold


def test_the_gallery_draws_every_part_in_both_themes(qapp: QApplication, tmp_path: Path):
    gallery.main(tmp_path)
    light, dark = QImage(str(tmp_path / "components-light.png")), QImage(str(tmp_path / "components-dark.png"))
    assert row_of(light, 4)[4] == LIGHT.window
    assert row_of(dark, 4)[4] == DARK.window
    for image, tokens in ((light, LIGHT), (dark, DARK)):
        colours = {image.pixelColor(x, y).name().upper() for y in range(0, 800, 3) for x in range(0, 1280, 3)}
        for token in (
            "surface",
            "accent",
            "warn",
            "zone",
            "warn_bg",
            "danger_bg",
            "info_bg",
            "paper",
            "live",
            "select",
        ):
            assert getattr(tokens, token) in colours, token
    theme_of(qapp)
