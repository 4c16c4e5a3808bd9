"""The two dialogs of accounts: real ccxt, an exchange on loopback, a keyring in memory.

    python tests/ui/account_pictures.py docs/pictures     # those of docs/guide/accounts-and-keys.md

``pictures.py`` takes them with all others.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from rebalancer_gui.adapters.secrets.vaults import Vaults
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.adapters.system import random_bytes
from rebalancer_gui.application.connection import Credentials
from rebalancer_gui.bootstrap import account_book
from rebalancer_gui.ui.dialogs.account import AccountDialog
from rebalancer_gui.ui.dialogs.accounts_list import AccountsDialog
from rebalancer_gui.ui.one_application import make_application
from rebalancer_gui.ui.theme import ColourScheme, install_theme
from rebalancer_gui.ui.widgets.secret_edit import ClipboardCleaner
from tests.secrets.exchange import exchange
from tests.secrets.fake_keyrings import called

KEY = Credentials("q7KdPictureKeyOfNobodymW2x", "secret-of-a-picture")
LONGEST_MS = 20_000
WHOLE = 924
"""Pixels in which the whole form stands."""


def spin(done: Callable[[], bool], longest_ms: int = LONGEST_MS) -> None:
    """Run Qt's loop until ``done``, at most so long."""
    watch = QElapsedTimer()
    watch.start()
    while not done() and watch.elapsed() < longest_ms:
        QApplication.processEvents()


def save(widget: QWidget, file: Path) -> None:
    spin(lambda: False, 200)
    widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888).save(str(file), None, 0)


def draw(pictures: Path, scheme: ColourScheme, ending: str = "") -> None:
    """Both dialogs in one theme; ``ending`` of the names of their files."""
    keyring = called("keyring.backends.SecretService.Keyring")
    with tempfile.TemporaryDirectory() as place, DataFolder(Path(place)) as folder, exchange(KEY) as venue:
        book = account_book(folder, Vaults(folder.path, folder.tag, random_bytes, find_backend=lambda: keyring))
        window = QWidget()
        cleaner = ClipboardCleaner(window)
        dialog = AccountDialog(book, cleaner, window)
        dialog.open()
        dialog.name.setText("Binance main")
        dialog.url.setText(venue.url)
        dialog.key.setText(KEY.key)
        dialog.secret.setText(KEY.secret)
        spin(lambda: dialog.kept.notice is not None)
        dialog.test.click()
        spin(lambda: dialog.outcome.notice is not None)
        dialog.resize(dialog.width(), WHOLE)
        save(dialog, pictures / f"account-{scheme.value}{ending}.png")
        dialog.save.click()
        spin(lambda: len(book.records()) > 1)
        names = {entry.id: entry.name for entry in book.venues}
        listed = AccountsDialog(book.records(), set(), locked=False, names=names, parent=window)
        listed.open()
        save(listed, pictures / f"accounts-{scheme.value}{ending}.png")
        listed.close()
        cleaner.clear_now()


def main(pictures: Path) -> int:
    """Write ``account-*.png`` and ``accounts-*.png`` in both themes."""
    theme = install_theme(make_application())
    for scheme in (ColourScheme.LIGHT, ColourScheme.DARK):
        theme.set_scheme(scheme)
        draw(pictures, scheme)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")))
