"""Sentences of the engine in the user's language: journal, reasons, refusals, advice.

The engine speaks and stores English (the journal is the same for support and at the console); the window translates a
sentence when it shows it. `install_templates` is handed every sentence that the engine can say, with ``{name}`` where it
puts a value in (``resources/languages/engine.json``, collected from the source); `said` finds the template that a sentence
was made of and fills its translation with the same values, numbers in the user's marks. A sentence that no template
fits stays as it is. Pure: no Qt. GUI thread only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.translation import Catalogue, install_sentences

CONTEXT = "Engine"
_REMEMBERED = 4096
"""So many sentences are kept translated; then the memory begins anew."""
_DEEPEST = 4
"""Sentences within sentences, such as a reason within a reason."""
_LEAST_LETTERS = 3
"""A template with fewer letters of its own fits everything."""
_PLACE = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"(?<![\w.,:/-])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+)(?![\w:]|[.,]\d)")
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z0-9\u201c\"])")
_NAMES = frozenset(
    {
        "name", "names", "asset", "coin", "symbol", "venue", "account", "key", "path", "file", "folder", "id",
        "client_order_id", "strategy_id", "quote", "base",
    }
)  # fmt: skip
"""Places that hold what people and exchanges call something, or a file does: never translated."""


@dataclass(frozen=True, slots=True)
class _Template:
    longest: str
    """The longest literal piece: a sentence without it is none of these."""
    pattern: re.Pattern[str]
    places: tuple[str, ...]
    said: str


class _Engine:
    """What is installed: translations of whole sentences, templates (most literal first), and what was said before."""

    def __init__(self) -> None:
        self.whole: dict[str, str] = {}
        self.templates: tuple[_Template, ...] = ()
        self.marks = NumberMarks()
        self.remembered: dict[str, str] = {}


_engine = _Engine()


def install_templates(templates: Iterable[str], catalogue: Catalogue | None, marks: NumberMarks) -> None:
    """Translate these sentences from now on with this catalogue; None: every sentence stays English."""
    _engine.whole, _engine.templates, _engine.marks = {}, (), marks
    _engine.remembered.clear()
    install_sentences(None if catalogue is None else said)
    if catalogue is None:
        return
    found: list[tuple[int, _Template]] = []
    for text in templates:
        translated = catalogue(CONTEXT, text, "", -1)
        if not translated:
            continue
        if _PLACE.search(text):
            literal = "".join(_PLACE.split(text)[::2])
            if sum(letter.isalpha() for letter in literal) >= _LEAST_LETTERS:
                found.append((len(literal), _template(text, translated)))
        else:
            _engine.whole[text] = translated
    found.sort(key=lambda pair: -pair[0])
    _engine.templates = tuple(template for _literal, template in found)


def said(sentence: str) -> str:
    """The engine's sentence in the user's language; as it is in English, and where no template fits."""
    if not sentence or not (_engine.templates or _engine.whole):
        return sentence
    known = _engine.remembered.get(sentence)
    if known is None:
        if len(_engine.remembered) >= _REMEMBERED:
            _engine.remembered.clear()
        known = _engine.remembered[sentence] = _translated(sentence, _DEEPEST)
    return known


def _translated(sentence: str, depth: int) -> str:
    whole = _one(sentence, depth)
    if whole is not None:
        return whole
    parts = _SENTENCE.split(sentence)
    if len(parts) == 1:
        return sentence
    words: list[str] = []
    while parts:
        words.append(_longest(parts, depth))
    return " ".join(words)


def _longest(parts: list[str], depth: int) -> str:
    """The longest run of sentences at the beginning of ``parts`` that is known, translated; it is taken away from them."""
    for count in range(len(parts), 0, -1):
        known = _one(" ".join(parts[:count]), depth)
        if known is not None:
            del parts[:count]
            return known
    return parts.pop(0)


def _one(sentence: str, depth: int) -> str | None:
    """The sentence as a whole: as it is, with the other first letter, or without the full stop that was put to it."""
    known = _exact(sentence, depth)
    swapped = sentence[:1].swapcase() + sentence[1:]
    if known is None and " " not in sentence:
        word = _engine.whole.get(swapped) if sentence[:1].isupper() and sentence[1:].islower() else None
        return None if word is None else word[:1].upper() + word[1:]
    if known is not None:
        return known
    known = _exact(swapped, depth)
    if known is not None:
        return known[:1].upper() + known[1:] if sentence[:1].isupper() else known
    if sentence.endswith("."):
        for bare in (sentence[:-1], swapped[:-1]):
            known = _exact(bare, depth)
            if known is not None:
                return f"{known[:1].upper() if sentence[:1].isupper() else known[:1]}{known[1:]}."
    dotted = _exact(f"{sentence}.", depth)
    return None if dotted is None else dotted.removesuffix(".")


def _exact(sentence: str, depth: int) -> str | None:
    known = _engine.whole.get(sentence)
    if known is None and depth:
        for template in _engine.templates:
            if template.longest in sentence:
                match = template.pattern.fullmatch(sentence)
                if match is not None:
                    return _filled(template, match.groups(), depth)
    return known


def _filled(template: _Template, values: Sequence[str], depth: int) -> str:
    pairs = zip(template.places, values, strict=True)
    filled = {place: _value(place, value, depth) for place, value in pairs}
    return _PLACE.sub(lambda place: filled.get(place[1], place[0]), template.said)


def _value(place: str, value: str, depth: int) -> str:
    if place.rstrip("0123456789") in _NAMES:
        return value
    translated = _translated(value, depth - 1) if depth > 1 else _engine.whole.get(value, value)
    return _NUMBER.sub(_in_marks, translated) if translated == value else translated


def _in_marks(number: re.Match[str]) -> str:
    whole, point, fraction = number[1].partition(".")
    grouped = whole.replace(",", _engine.marks.group)
    return f"{grouped}{_engine.marks.decimal}{fraction}" if point else grouped


def _template(text: str, translated: str) -> _Template:
    pieces = _PLACE.split(text)
    literals, places = pieces[::2], pieces[1::2]
    pattern = "(.*?)".join(re.escape(literal) for literal in literals)
    return _Template(max(literals, key=len), re.compile(pattern, re.DOTALL), tuple(places), translated)
