"""The texts of the window in the user's language: `tr` looks them up in the catalogue that Qt Linguist edits.

The catalogue is installed once, before the first module with texts is imported (`install_catalogue`): texts that a module
keeps in constants are translated when it is imported. Without one, and for a text that it lacks, the English text is said.
Pure: no Qt; the root hands in what looks a text up. Sentences of the engine: ``engine_texts``.
"""

from __future__ import annotations

from collections.abc import Callable

Catalogue = Callable[[str, str, str, int], str | None]
"""(context, English text, disambiguation, count) to the text of the language; None or empty where it lacks the text."""

CONTEXT = "Rebalancer"
"""All texts of the window stand in one context: the same words mean the same everywhere, or have a disambiguation."""

_SENTENCES = frozenset(
    {
        "reason", "message", "advice", "why", "problem", "failure", "fault", "text", "detail", "waits", "halted", "against",
        "price_reason", "cost_reason", "tier_reason", "rests_on", "step", "state", "first", "names", "stays", "problems",
    }
)  # fmt: skip
"""Values of these names are often what the engine says: they are told in the user's language too."""
_catalogue: list[Catalogue] = []
_sentences: list[Callable[[str], str]] = []
_said: dict[tuple[str, str], str] = {}


def install_catalogue(catalogue: Catalogue | None) -> None:
    """Take the texts from this catalogue from now on; None: English."""
    _said.clear()
    _catalogue[:] = [] if catalogue is None else [catalogue]


def install_sentences(said: Callable[[str], str] | None) -> None:
    """What tells a sentence of the engine in the user's language; None: it stays English."""
    _sentences[:] = [] if said is None else [said]


def is_english() -> bool:
    """Whether the window speaks English, the language of the engine and of the user guide."""
    return not _sentences


def tr(text: str, disambiguation: str = "", count: int = -1, /, **values: object) -> str:
    """The text in the user's language, with ``{name}`` replaced by the value of that name.

    ``text`` stands literally in the call, never as an f-string: the collector of texts reads the source. ``disambiguation``
    tells a translator apart what English says with one word. With ``count``, ``%n`` in the text is that number and the
    language chooses its own plural.
    """
    words = _look_up(text, disambiguation, count) if _catalogue else text
    if count >= 0:
        words = words.replace("%n", str(count))
    if not values:
        return words
    return words.format(**(_told(values) if _sentences else values))


def _told(values: dict[str, object]) -> dict[str, object]:
    said = _sentences[0]
    return {
        name: said(value) if name in _SENTENCES and isinstance(value, str) else value for name, value in values.items()
    }


def _look_up(text: str, disambiguation: str, count: int) -> str:
    if count >= 0:
        return _catalogue[0](CONTEXT, text, disambiguation, count) or text
    known = _said.get((text, disambiguation))
    if known is None:
        known = _said[text, disambiguation] = _catalogue[0](CONTEXT, text, disambiguation, -1) or text
    return known
