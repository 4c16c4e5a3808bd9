"""The pages of the user guide as they lie on the disk (Markdown), their order and their headings. No Qt.

The order is that of the links in the guide's own ``README.md``, which is also its first page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CONTENTS = "README.md"
_LINK = re.compile(r"\]\(([\w./-]+\.md)(?:#[\w-]*)?\)")
_HEADING = re.compile(r"^(#{1,4}) +(.+?) *#*$")
_FENCE = re.compile(r"^ *(```|~~~)")
_NO_SLUG = re.compile(r"[^\w\- ]")
_MARKS = re.compile(r"[*`_]|\[|\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1 is the page's title; ``slug``: what stands after the # of a link to it."""

    level: int
    text: str
    slug: str


@dataclass(frozen=True)
class Page:
    """One file. ``name``: its path as the guide's contents links to it, e.g. ``presets.md``."""

    name: str
    path: Path
    text: str

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """All, from the top; what stands in a block of code is none."""
        return tuple(_headings(self.text))

    @property
    def title(self) -> str:
        return self.headings[0].text if self.headings else self.path.stem

    def holds(self, words: str) -> bool:
        """Whether each of these words stands somewhere on the page, large and small letters alike."""
        text = self.text.casefold()
        return all(word in text for word in words.casefold().split())


def slug_of(heading: str) -> str:
    """The anchor of a heading, by the rule of the usual code hosts: small letters, no punctuation, dashes for spaces."""
    return _NO_SLUG.sub("", heading.casefold().strip()).replace(" ", "-")


def plain(text: str) -> str:
    """A heading without its marks for bold, code and links."""
    return _MARKS.sub("", text)


def _headings(text: str) -> Iterator[Heading]:
    inside = False
    for line in text.splitlines():
        if _FENCE.match(line):
            inside = not inside
        found = None if inside else _HEADING.match(line)
        if found:
            words = plain(found.group(2))
            yield Heading(len(found.group(1)), words, slug_of(words))


class Guide:
    """All pages of ``folder``, read when it is made. Raises OSError when its contents cannot be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        contents = _read(folder, CONTENTS)
        names = dict.fromkeys(_LINK.findall(contents.text))
        self.pages = (contents, *(_read(folder, name) for name in names if (folder / name).is_file()))

    def page(self, name: str) -> Page | None:
        """The page of this name, as a link has it."""
        return next((page for page in self.pages if page.name == name), None)

    def find(self, place: str) -> tuple[Page, str] | None:
        """Page and slug of ``page.md#slug``; the slug is "" for the top. None where there is no such place."""
        name, _, slug = place.partition("#")
        page = self.page(name)
        if page is None or (slug and all(heading.slug != slug for heading in page.headings)):
            return None
        return page, slug

    def with_words(self, words: str) -> tuple[Page, ...]:
        """The pages on which all of these words stand; all pages for no words."""
        return tuple(page for page in self.pages if page.holds(words))


def _read(folder: Path, name: str) -> Page:
    path = folder / name
    return Page(name, path, path.read_text(encoding="utf-8"))
