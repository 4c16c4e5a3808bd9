"""Write what the program says of the licences of others, and its bill of materials, anew:

    .rebalancer-env/test/bin/python packaging/notices.py

makes `resources/licences/third-party.txt` (for people: an overview, then every licence text once),
`resources/licences/sbom.cdx.json` (CycloneDX) and the guide's page `licences.md` (the overview, in the window). They go into
every package. All follow from the locks and from the metadata of what is installed; the same locks give the same bytes. A
test fails while they are out of date.
"""

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import sbom
from parts import ROOT, Choices, Part, acceptable, parts

FOLDER = ROOT / "resources" / "licences"
TEXT, BILL = FOLDER / "third-party.txt", FOLDER / "sbom.cdx.json"
PAGE = ROOT / "docs" / "guide" / "licences.md"
END_OF_OVERVIEW = "=" * 100
OLDEST = (3, 11)
_QT = ("pyside6-essentials", "shiboken6")

HEAD = """\
Rebalancer stands under the Apache License 2.0 (the file LICENSE). It is made with the work of others, which is listed here
with its licences. The fonts (Inter, SIL Open Font License 1.1) and the demo prices have theirs beside them, in the folders
`fonts` and `demo` of the program's resources.

Qt, PySide6 and Shiboken6 are used under the GNU Lesser General Public License, version 3 (LGPL-3.0.txt in the folder `licences`
of the resources; it adds to the GNU General Public License, version 3: GPL-3.0.txt). They are not changed. The program is linked to them
dynamically: each of their libraries is a file of its own, in the folder `PySide6` of the Python environment or, in the packages
that bring their own Python, of the folder `_internal`. You may replace them with a version of your own that has the
same interface, take the program apart to find errors in such a change, and run it so: nothing in it looks whether they are
the ones it came with. Their sources, of the version that is listed below:

    Qt          https://download.qt.io/official_releases/qt/{short}/{qt}/
    PySide6     https://download.qt.io/official_releases/QtForPython/pyside6/
                https://code.qt.io/cgit/pyside/pyside-setup.git/?h={qt}

Qt itself contains work of others: https://doc.qt.io/qt-6/licenses-used-in-qt.html

The packages that bring their own Python (the folder and the Debian package) also contain CPython, under the PSF License
Version 2 (python.txt among the licences there), and the start-up code of PyInstaller, under the GPL version 2 with an exception
that lets programs of any licence be started by it (https://pyinstaller.org/en/stable/license.html). What CPython is
linked to lies in the folder, and is the system's own where the Debian package is installed: OpenSSL (Apache-2.0), SQLite
(public domain), libffi and Expat (MIT), liblzma (0BSD), zlib (Zlib), bzip2 (bzip2-1.0.6), libuuid (BSD-3-Clause).
"""


def unfit(found: Sequence[Part], choices: Choices) -> list[str]:
    """Names of packages whose licence does not allow them in a package of this program, each with that licence."""
    return [
        f"{part.name}: {part.licence or 'its licence is unknown'}"
        for part in found
        if part.name not in choices.chosen and not acceptable(part.licence, choices.acceptable)
    ]


def text(found: Sequence[Part]) -> str:
    """The whole of third-party.txt."""
    qt = next(part.versions[0] for part in found if part.name in _QT)
    chunks = [HEAD.format(qt=qt, short=qt.rpartition(".")[0]), _table(found), END_OF_OVERVIEW + "\n"]
    by_text: dict[str, list[str]] = {}
    for part in found:
        for file, content in part.texts:
            by_text.setdefault(content, []).append(f"{part.name} ({file})")
    for content, owners in by_text.items():
        names = textwrap.fill(", ".join(owners), 96, break_long_words=False, break_on_hyphens=False)
        chunks.append(f"{names}\n{'-' * 100}\n{content}\n\n{END_OF_OVERVIEW}\n")
    return "\n".join(chunks)


def page(found: Sequence[Part]) -> str:
    """The page of the guide: the same overview, as Markdown."""
    qt = next(part.versions[0] for part in found if part.name in _QT)
    head = HEAD.format(qt=qt, short=qt.rpartition(".")[0])
    rows = [f"| {part.name} | {' or '.join(part.versions)} | {part.licence} | {part.home} |" for part in found]
    return "\n".join(
        [
            "# Licences",
            "",
            head,
            "Every licence in full: `rebalancer licences --full`, or the file `licences/third-party.txt` among the program's",
            "resources (`rebalancer licences` says where that is). The list for machines (CycloneDX) lies beside it.",
            "",
            "| package | version | licence | where it comes from |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _table(found: Sequence[Part]) -> str:
    rows = [(part.name, " or ".join(part.versions), part.licence, part.home or "") for part in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def made(root: Path = ROOT) -> dict[Path, str]:
    """What the three files should hold. Raises LookupError with what is missing or not acceptable."""
    choices = Choices.read(root)
    found = parts(choices)
    if bad := unfit(found, choices):
        raise LookupError("not acceptable in a package of this program: " + "; ".join(bad))
    return {TEXT: text(found), BILL: sbom.document(found), PAGE: page(found)}


def main() -> int:
    if sys.version_info[:2] != OLDEST:
        print("Use the environment of Python 3.11: only there every package of the lock is installed.", file=sys.stderr)
        return 1
    try:
        files = made()
    except LookupError as problem:
        print(problem, file=sys.stderr)
        return 1
    for file, content in files.items():
        file.write_text(content, encoding="utf-8", newline="\n")
        print(f"written: {file.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
