"""How answers are printed: JSON, or text for people. Errors go to stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence

Answer = Mapping[str, object]


class Printer:
    """Prints one command's answer as was asked for. ``as_json`` and ``quiet`` are the global options."""

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self._as_json, self._quiet = as_json, quiet
        # JSON is ASCII; of a text for people a terminal that lacks a letter shows a question mark. What was done is done.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")

    def answer(self, content: Answer, text: str) -> None:
        """One object: as JSON, or ``text``."""
        if self._as_json:
            print(json.dumps(content, indent=2))
        elif not self._quiet:
            print(text)

    def rows(self, rows: Iterable[Answer], columns: Sequence[str], nothing: str) -> None:
        """A list: a JSON array with a line per row, or a table of ``columns``."""
        listed = list(rows)
        if self._as_json:
            lines = ",\n".join(json.dumps(row) for row in listed)
            print(f"[\n{lines}\n]" if listed else "[]")
        elif not self._quiet:
            print(table(listed, columns) if listed else nothing)

    def raw(self, text: str) -> None:
        """A file's own text: printed whatever was asked for."""
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def table(rows: Sequence[Answer], columns: Sequence[str]) -> str:
    """Columns as wide as their longest cell; numbers to the right."""
    head = [column.replace("_", " ") for column in columns]
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in (head, *cells)) for i in range(len(columns))]
    right = [all(_is_number(line[i]) for line in cells) for i in range(len(columns))]

    def line(words: Sequence[str]) -> str:
        padded = (w.rjust(n) if r else w.ljust(n) for w, n, r in zip(words, widths, right, strict=True))
        return "  ".join(padded).rstrip()

    return "\n".join([line(head), *(line(words) for words in cells)])


def lines(content: Answer) -> str:
    """One value a line, its name before it."""
    width = max((len(name) for name in content), default=0)
    return "\n".join(f"{name.replace('_', ' ').ljust(width)}  {_cell(value)}" for name, value in content.items())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_cell(inner)}" for name, inner in value.items()) or "-"
    if isinstance(value, list | tuple):
        return "; ".join(_cell(inner) for inner in value) or "-"
    return str(value)


def _is_number(text: str) -> bool:
    return text == "-" or text.lstrip("+-").replace(".", "", 1).isdigit()
