"""The texts of the window in the user's language: `tr` looks them up in the catalogue that Qt Linguist edits.

The catalogue is installed once, before the first module with texts is imported (`install_language`): texts that a module
keeps in constants are translated when it is imported. Without one, and for a text that it lacks, the English text is said.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTranslator

CONTEXT = "Rebalancer"
"""All texts of the window stand in one context: the same words mean the same everywhere, or have a disambiguation."""

_catalogue: list[QTranslator] = []


def install_language(file: Path | None) -> bool:
    """Take the texts from this compiled catalogue (.qm) from now on; None: English. False: the file is none."""
    _catalogue.clear()
    if file is None:
        return True
    translator = QTranslator()
    if not translator.load(str(file)):
        return False
    _catalogue.append(translator)
    return True


def tr(text: str, disambiguation: str = "", count: int = -1, /, **values: object) -> str:
    """The text in the user's language, with ``{name}`` replaced by the value of that name.

    ``text`` stands literally in the call, never as an f-string: the collector of texts reads the source. ``disambiguation``
    tells a translator apart what English says with one word. With ``count``, ``%n`` in the text is that number and the
    language chooses its own plural.
    """
    said: str | None = None
    if _catalogue:
        said = _catalogue[0].translate(CONTEXT, text, disambiguation or None, count)
    words = said or text
    if count >= 0:
        words = words.replace("%n", str(count))
    return words.format(**values) if values else words
