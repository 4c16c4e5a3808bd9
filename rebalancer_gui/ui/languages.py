"""Which language the window speaks, and the catalogues in ``resources/languages`` it takes its texts from.

    language = install_language("system")     # before any module with texts is imported
    install_qt_texts(app, language)           # Qt's own words: buttons of questions, the menu of a text field

The root does that (`__main__`). Numbers and dates are written as in the user's country: with German on an English system as
in Germany, with English on a German system as in Germany too. GUI thread only.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from rebalancer_gui.resources_path import resource_dir
from rebalancer_gui.ui.engine_texts import install_templates
from rebalancer_gui.ui.locale_numbers import install_country, marks_of
from rebalancer_gui.ui.translation import Catalogue, install_catalogue

SYSTEM, ENGLISH = "system", "en"
LANGUAGES = {"en": "English", "de": "Deutsch (maschinell \u00fcbersetzt)"}
"""What there is, by code, each under its own name; a language that no person has reviewed says so."""
_QT = {"en": QLocale.Language.English, "de": QLocale.Language.German}
_log = logging.getLogger(__name__)


def chosen_language(wish: str, system: Sequence[str]) -> str:
    """The code of the language that is spoken: ``wish`` ("system" or a code); by "system" the first of the system's
    languages (`de-CH`, `en`, in order of preference) that there is, else English. An unknown wish is "system".
    """
    if wish in LANGUAGES:
        return wish
    for name in system:
        code = name.partition("-")[0].partition("_")[0].lower()
        if code in LANGUAGES:
            return code
    return ENGLISH


def install_language(wish: str) -> str:
    """Speak this language from now on, and write numbers as its reader does; gives the code that was chosen.

    Where the catalogue is missing or broken the window speaks English, and the log says so.
    """
    system = QLocale.system()
    code = chosen_language(wish, system.uiLanguages())
    if QLocale().language() != _QT[code]:
        spoken = QLocale(_QT[code], system.territory())
        QLocale.setDefault(spoken)
        # English is not known for every country; Qt then takes that of the United States, with its numbers.
        is_known = code != ENGLISH or spoken.territory() == system.territory()
        install_country(None if is_known else system)
    folder = resource_dir() / "languages"
    lookup = read_catalogue(folder / f"rebalancer_{code}.qm")
    if lookup is None and code != ENGLISH:
        _log.error("the catalogue of the language %s cannot be read: the window speaks English", code)
        code = ENGLISH
    install_catalogue(lookup)
    install_engine(folder / "engine.json", None if code == ENGLISH else lookup)
    return code


def install_engine(sentences: Path, lookup: Catalogue | None) -> None:
    """Translate the engine's sentences, listed in this file, with this catalogue; None: they stay English."""
    listed = [] if lookup is None else json.loads(sentences.read_text(encoding="utf-8"))
    install_templates(listed, lookup, marks_of(QLocale()))


def read_catalogue(file: Path) -> Catalogue | None:
    """Looks texts up in a compiled catalogue (.qm); None where the file is none."""
    translator = QTranslator()
    if not translator.load(str(file)):
        return None

    def look_up(context: str, text: str, disambiguation: str, count: int) -> str | None:
        found: str | None = translator.translate(context, text, disambiguation or None, count)
        return found

    return look_up


def install_qt_texts(app: QCoreApplication, language: str) -> None:
    """Qt's own words in this language, where Qt has them."""
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language != ENGLISH and translator.load(f"qtbase_{language}", folder):
        app.installTranslator(translator)
