"""Make the guide's page of terms anew, from the texts of the question marks: python3 packaging/terms_page.py

Needs the window's packages; a test fails while docs/guide/terms.md is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rebalancer_gui.ui.help.terms import Term, explanations  # noqa: E402 (the path first)

PAGE = ROOT / "docs" / "guide" / "terms.md"
_HEAD = """# Terms

What the question marks in the window say. This page is made of the same texts (`packaging/terms_page.py`).
"""


def page() -> str:
    """The whole page, terms in the order of the alphabet."""
    told = explanations()
    parts = [_HEAD]
    for term in sorted(Term, key=lambda term: told[term].title.casefold()):
        explained = told[term]
        parts.append(f"## {explained.title}\n\n{explained.text} [More]({explained.place})\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
