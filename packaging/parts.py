"""The packages that the program is made with: from the lock of the window, and from what is installed of them.

Run with the Python of the environment `test` on the oldest Python that the locks hold for: only there every package of
the lock is installed that this system can have.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "packaging" / "requirements-window.lock"
CORE_LOCK = ROOT / "packaging" / "requirements-core.lock"
_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\]+?))? *\\?$", re.MULTILINE)
_TEXT = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
_HOMES = ("homepage", "source", "repository", "github", "code", "documentation")


@dataclass(frozen=True, slots=True)
class Part:
    """One package of the lock. `versions` are several where the lock's marker differs; `licence` is an SPDX expression;
    `texts` are what its own licence files say, by name (none: it is installed on other systems only, or ships none).
    """

    name: str
    versions: tuple[str, ...]
    markers: tuple[str, ...]
    licence: str
    home: str
    texts: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]
    with_window_only: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What stands in packaging/licences.toml."""

    acceptable: frozenset[str]
    chosen: Mapping[str, str]
    spelling: Mapping[str, str]
    stated: Mapping[str, str]
    elsewhere: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, root: Path = ROOT) -> "Choices":
        found = tomllib.loads((root / "packaging" / "licences.toml").read_text(encoding="utf-8"))
        return cls(
            frozenset(found["acceptable"]), found["chosen"], found["spelling"], found["stated"], found["elsewhere"]
        )


def locked(lock: Path) -> dict[str, list[tuple[str, str]]]:
    """Package -> (version, marker) as pinned; several where the marker differs."""
    pins: dict[str, list[tuple[str, str]]] = {}
    for name, version, marker in _ENTRY.findall(lock.read_text(encoding="utf-8")):
        pins.setdefault(canonicalize_name(name), []).append((version, marker))
    return pins


def parts(choices: Choices) -> list[Part]:
    """All of the window's lock, by name. Raises LookupError where a package is neither installed nor in the table."""
    core = locked(CORE_LOCK)
    everything = locked(LOCK)
    return [_part(name, pins, choices, everything, core) for name, pins in sorted(everything.items())]


def _part(
    name: str,
    pins: list[tuple[str, str]],
    choices: Choices,
    everything: Mapping[str, object],
    core: Mapping[str, object],
) -> Part:
    versions, markers = tuple(version for version, _ in pins), tuple(marker for _, marker in pins)
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        row = choices.elsewhere.get(name)
        if row is None:
            raise LookupError(f"{name} is not installed here and stands in no table of licences.toml") from None
        return Part(name, versions, markers, row["licence"], row["from"], (), (), name not in core)
    if found.version not in versions:
        raise LookupError(f"{name} {found.version} is installed, the lock has {', '.join(versions)}")
    needs = sorted({canonicalize_name(need.name) for need in map(Requirement, found.requires or ()) if _holds(need)})
    return Part(
        name, versions, markers, _licence(name, found, choices), _home(found), _texts(found),
        tuple(need for need in needs if need in everything), name not in core,
    )  # fmt: skip


def _holds(need: Requirement) -> bool:
    """Not the extras; what other systems need counts, as in the lock."""
    return need.marker is None or "extra" not in str(need.marker)


def _licence(name: str, found: metadata.Distribution, choices: Choices) -> str:
    if taken := choices.chosen.get(name) or choices.stated.get(name):
        return taken
    about = found.metadata
    kinds = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    said = _said(about, "License-Expression") or _said(about, "License") or (kinds[0] if len(kinds) == 1 else "")
    return choices.spelling.get(said, said)


def _said(about: metadata.PackageMetadata, field: str) -> str:
    return str(about[field]) if field in about else ""


def _home(found: metadata.Distribution) -> str:
    if home := _said(found.metadata, "Home-page"):
        return home
    links = dict(line.split(", ", 1) for line in found.metadata.get_all("Project-URL") or [])
    by_name = {name.casefold(): address for name, address in links.items()}
    return next((by_name[name] for name in _HOMES if name in by_name), "")


def _texts(found: metadata.Distribution) -> tuple[tuple[str, str], ...]:
    texts = []
    for file in sorted(found.files or (), key=str):
        inside = "/".join(file.parts[1:])
        if file.parts[0].endswith(".dist-info") and _TEXT.search(inside):
            text = Path(str(file.locate())).read_text(encoding="utf-8", errors="replace")
            texts.append((inside.removeprefix("licenses/"), _tidy(text)))
    return tuple(texts)


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\f", "\n").split("\n")).strip("\n")


def acceptable(expression: str, allowed: frozenset[str]) -> bool:
    """Whether an SPDX expression leaves a way to use it under allowed licences alone: one side of OR, both of AND."""
    words = re.findall(r"\(|\)|[^\s()]+", expression)

    def either() -> bool:
        held = both()
        while words and words[0] == "OR":
            words.pop(0)
            held = both() or held
        return held

    def both() -> bool:
        held = one()
        while words and words[0] == "AND":
            words.pop(0)
            held = one() and held
        return held

    def one() -> bool:
        if not words:
            return False
        word = words.pop(0)
        if word != "(":
            return word in allowed
        held = either()
        return bool(words) and words.pop(0) == ")" and held

    return either() and not words
