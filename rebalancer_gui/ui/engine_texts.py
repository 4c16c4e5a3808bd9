"""Sentences of the engine in the user's language: journal, reasons, refusals, advice.

The engine speaks and stores English (the journal is the same for support and at the console); the window translates a
sentence when it shows it. `install_templates` is handed every sentence that the engine can say, with ``{name}`` where it
puts a value in (``resources/languages/engine.json``, collected from the source); `said` finds the template that a sentence
was made of and fills its translation with the same values, numbers in the user's marks. A sentence that no template
fits stays as it is. Pure: no Qt. GUI thread only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.translation import Catalogue, install_sentences, tr

CONTEXT = "Engine"
_REMEMBERED = 4096
"""So many sentences are kept translated; then the memory begins anew."""
_LEAST_LETTERS = 3
"""A template with fewer letters of its own fits everything."""
_SURELY = 6
"""With so many letters a template fits though a value in it is foreign, such as what an exchange said."""
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


_TICKERS = frozenset({"asset", "symbol", "quote", "base"})
"""Places of one word. Where two places touch, that tells where the first one ends."""
_CLAUSE = re.compile(r"[:;.] |\b(?:is|are|was|were|has|have|had)\b")
"""What a name does not hold: the sentence is rather one of another template."""
_LOWER = re.compile(r"(?<![\w./])[a-z]{3,}(?![\w./])")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BRACKETS = re.compile(r"(\s*\()(.+)(\))", re.DOTALL)
_LABELLED = re.compile(r"((?:[^:;.\n]|\.(?! )){1,60}): (.+)", re.DOTALL)
_PAIR = re.compile(r"\{\w+\} \{\w+\}")
_LAST = re.compile(r"(?<=[.!?]) \{\w+\}$")
_HEAD = "head"
"""The place of what stands before a text that is put to the end of another one."""


@dataclass(frozen=True, slots=True)
class _Template:
    longest: str
    """The longest literal piece: a sentence without it is none of these."""
    weight: int
    """How many letters are literal: the more, the surer."""
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
        self.parts: dict[str, str] = {}
        """Parts of the sentence at hand: each is looked for once, in however many templates it stands."""


_engine = _Engine()


def install_templates(templates: Iterable[str], catalogue: Catalogue | None, marks: NumberMarks) -> None:
    """Translate these sentences from now on with this catalogue; None: every sentence stays English."""
    _engine.whole, _engine.templates, _engine.marks = {}, (), marks
    _engine.remembered.clear()
    install_sentences(None if catalogue is None else said)
    if catalogue is None:
        return
    found: list[_Template] = []
    for text in templates:
        translated = catalogue(CONTEXT, text, "", -1)
        if not translated:
            continue
        if not _PLACE.search(text):
            _engine.whole[text] = translated
        for english, foreign in _uses(*_joined(text, translated)):
            template = _template(english, foreign)
            if template.weight >= _LEAST_LETTERS:
                found.append(template)
    _engine.templates = tuple(sorted(found, key=lambda template: -template.weight))


def _joined(text: str, translated: str) -> tuple[str, str]:
    """Places with only a blank between them, here and in the translation, made one: nobody could tell where one ends."""
    for pair in _PAIR.findall(text):
        if pair in translated:
            one = f"{{{_PLACE.sub(lambda place: place[1], pair).replace(' ', '_and_')}}}"
            text, translated = text.replace(pair, one), translated.replace(pair, one)
    return text, translated


def _uses(text: str, translated: str) -> Iterator[tuple[str, str]]:
    """The text as a template: by itself, and what is put to the end of another text also behind that text."""
    if _PLACE.search(text):
        yield text, translated
        end = _LAST.search(text)
        if end is not None and translated.endswith(end[0]):
            yield text.removesuffix(end[0]), translated.removesuffix(end[0])
        if text[:1] == " ":
            yield text[1:], translated[1:]
    elif text[:1] == " ":
        _engine.whole.setdefault(text[1:], translated[1:])
    if text[:1] in " ,;":
        yield f"{{{_HEAD}}}{text}", f"{{{_HEAD}}}{translated}"


def said(sentence: str) -> str:
    """The engine's sentence in the user's language; as it is in English, and where no template fits."""
    if not sentence or not (_engine.templates or _engine.whole):
        return sentence
    known = _engine.remembered.get(sentence)
    if known is None:
        if len(_engine.remembered) >= _REMEMBERED:
            _engine.remembered.clear()
        _engine.parts.clear()
        known = _engine.remembered[sentence] = _translated(sentence)
    return known


def _translated(sentence: str) -> str:
    known = _engine.parts.get(sentence)
    if known is None:
        known = _engine.parts[sentence] = _found(sentence)
    return known


def _found(sentence: str) -> str:
    whole = _one(sentence)
    if whole is not None:
        return whole
    if "\n" in sentence:
        return "\n".join(_translated(line) for line in sentence.split("\n"))
    parts = _SENTENCE.split(sentence)
    labelled = _LABELLED.fullmatch(sentence)
    if len(parts) == 1 or (labelled is not None and not _words(labelled[1])):
        return _in_pieces(sentence)
    words: list[str] = []
    while parts:
        words.append(_longest(parts))
    return " ".join(words)


def _in_pieces(text: str) -> str:
    """A list of things that are known each: ``BTC: no price; ETH: no price``, `` (no money)``, ``5 BTC and 2 ETH``."""
    bracketed = _BRACKETS.fullmatch(text)
    if bracketed is not None:
        return f"{bracketed[1]}{_translated(bracketed[2])}{bracketed[3]}"
    labelled = _LABELLED.fullmatch(text)
    if labelled is not None:
        words = _translated(labelled[2])
        return text if words == labelled[2] else f"{_engine.whole.get(labelled[1], labelled[1])}: {words}"
    for english, foreign in (("; ", "; "), (" or ", tr(" or ")), (" and ", tr(" and ")), (", ", ", ")):
        pieces = text.split(english)
        if len(pieces) > 1:
            told = [_translated(piece) for piece in pieces]
            if all(piece != words or not _words(piece) for piece, words in zip(pieces, told, strict=True)):
                return foreign.join(told if told == pieces else [_NUMBER.sub(_in_marks, words) for words in told])
    return text


def _longest(parts: list[str]) -> str:
    """The longest run of sentences at the beginning of ``parts`` that is known, translated; it is taken away from them."""
    for count in range(len(parts), 0, -1):
        known = _one(" ".join(parts[:count]))
        if known is not None:
            del parts[:count]
            return known
    return _in_pieces(parts.pop(0))


def _one(sentence: str) -> str | None:
    """The sentence as a whole: as it is, with the other first letter, or without the full stop that was put to it."""
    swapped = sentence[:1].swapcase() + sentence[1:]
    if " " not in sentence:
        known = _engine.whole.get(sentence)
        if known is None and sentence[:1].isupper() and sentence[1:].islower():
            word = _engine.whole.get(swapped)
            return None if word is None else word[:1].upper() + word[1:]
        return known
    is_capital = sentence[:1].isupper()
    ways: list[tuple[str, Callable[[str], str]]] = [
        (sentence, lambda words: words),
        (swapped, lambda words: _capital(words) if is_capital else words),
    ]
    if sentence.endswith("."):
        ways += [
            (sentence[:-1], lambda words: f"{_capital(words) if is_capital else words}."),
            (swapped[:-1], lambda words: f"{_capital(words) if is_capital else words}."),
        ]
    else:
        ways.append((f"{sentence}.", lambda words: words.removesuffix(".")))
    best: tuple[tuple[bool, int], str] | None = None
    for way, finish in ways:
        known, score = _exact(way)
        if known is not None and (best is None or score > best[0]):
            best = score, finish(known)
    return None if best is None else best[1]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


_SURE = (True, 1 << 30)


def _exact(sentence: str) -> tuple[str | None, tuple[bool, int]]:
    """The translation, and how sure it is: whether each value can be what stands in its place, and the template's weight."""
    known = _engine.whole.get(sentence)
    if known is not None:
        return known, _SURE
    second: tuple[str | None, tuple[bool, int]] = (None, (False, 0))
    for template in _engine.templates:
        if template.longest in sentence:
            match = template.pattern.fullmatch(sentence)
            if match is not None:
                words, is_clear = _filled(template, match.groups())
                if is_clear:
                    return words, (True, template.weight)
                if second[0] is None and template.weight >= _SURELY:
                    second = words, (False, template.weight)
    return second


def _filled(template: _Template, values: Sequence[str]) -> tuple[str, bool]:
    """The translation with these values; whether each value can be what stands in its place."""
    filled: dict[str, str] = {}
    is_clear = True
    for place, value in zip(template.places, values, strict=True):
        filled[place], fits = _value(place, value)
        is_clear &= fits
    return _PLACE.sub(lambda place: filled.get(place[1], place[0]), template.said), is_clear


def _words(value: str) -> bool:
    """Whether there are words of English in it; tickers, files and what stands in quotation marks are none."""
    return _LOWER.search(_QUOTED.sub("", value)) is not None


def _value(place: str, value: str) -> tuple[str, bool]:
    kind = place.rstrip("0123456789")
    has_clause = _CLAUSE.search(value) is not None
    if kind in _NAMES and not (kind == "names" and (has_clause or _words(value))):
        return (value.replace(" and ", tr(" and ")) if kind == "names" else value), not has_clause
    translated = _translated(value)
    if translated != value:
        return translated, True
    return _NUMBER.sub(_in_marks, value), not _words(value)


def _in_marks(number: re.Match[str]) -> str:
    whole, point, fraction = number[1].partition(".")
    grouped = whole.replace(",", _engine.marks.group)
    return f"{grouped}{_engine.marks.decimal}{fraction}" if point else grouped


def _template(text: str, translated: str) -> _Template:
    pieces = _PLACE.split(text)
    literals, places = pieces[::2], pieces[1::2]
    pattern = re.escape(literals[0])
    for place, literal in zip(places, literals[1:], strict=True):
        # A full stop behind a place is none within a number: not that of 1.17.
        after = r"\.(?!\d)" + re.escape(literal[1:]) if literal[:1] == "." else re.escape(literal)
        pattern += (r"(\S*)" if place.rstrip("0123456789") in _TICKERS else "(.*?)") + after
    weight = sum(letter.isalpha() for literal in literals for letter in literal)
    return _Template(max(literals, key=len), weight, re.compile(pattern, re.DOTALL), tuple(places), translated)
