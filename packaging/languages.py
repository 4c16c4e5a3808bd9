"""The catalogues of texts in resources/languages: made anew from the source, and compiled.

    python3 packaging/languages.py [--check]

`rebalancer_XX.ts` is what Qt Linguist edits. Texts that are new come in untranslated, texts that are gone go out, what was
translated stays. From it lrelease makes `rebalancer_XX.qm`, which the window loads; `engine.json` holds the sentences of
the engine as the source has them. English has its two plurals only. With --check nothing is written; the exit code is 1
when a file is not up to date or a language is incomplete. Wants PySide6 (the environment `test` has it).
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from language_texts import Text, engine_texts, window_texts

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path("resources/languages")
LANGUAGES = {"en": "en_GB", "de": "de_DE"}
MACHINE_MADE = "machine-made, not reviewed"
"""Stands beside every translation that no person has looked at yet; whoever reviews one in Linguist takes it away."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a text is in the language; two forms where it has a plural, none while it is not translated."""

    forms: tuple[str, ...] = ()
    remark: str = ""


Known = dict[tuple[str, str, str], Translation]
"""By context, source and comment."""


def read_catalogue(file: Path) -> Known:
    """What is translated in a .ts file; nothing where there is none."""
    known: Known = {}
    if not file.exists():
        return known
    for context in ET.parse(file).getroot().iter("context"):  # noqa: S314  # Our own file, in our own tree.
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            key = (name, message.findtext("source") or "", message.findtext("comment") or "")
            said = message.find("translation")
            forms: tuple[str, ...] = ()
            if said is not None and said.get("type") is None:
                plural = [form.text or "" for form in said.findall("numerusform")]
                forms = tuple(plural) if plural else ((said.text or "",) if said.text else ())
            known[key] = Translation(forms, message.findtext("translatorcomment") or "")
    return known


def catalogue(language: str, texts: Sequence[Text], known: Mapping[tuple[str, str, str], Translation]) -> str:
    """The .ts file of a language as text. English: only texts with a plural."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append(f'<TS version="2.1" language="{LANGUAGES[language]}" sourcelanguage="en_GB">')
    wanted = [text for text in texts if text.plural or language != "en"]
    for context in sorted({text.context for text in wanted}):
        lines += ["<context>", f"    <name>{context}</name>"]
        for text in wanted:
            if text.context == context:
                lines += _message(text, known.get((text.context, text.source, text.comment), Translation()))
        lines.append("</context>")
    return "\n".join([*lines, "</TS>", ""])


def _message(text: Text, said: Translation) -> list[str]:
    lines = ['    <message numerus="yes">' if text.plural else "    <message>"]
    lines.append(f"        <source>{escape(text.source)}</source>")
    if text.comment:
        lines.append(f"        <comment>{escape(text.comment)}</comment>")
    if said.remark:
        lines.append(f"        <translatorcomment>{escape(said.remark)}</translatorcomment>")
    mark = "" if said.forms else ' type="unfinished"'
    if text.plural:
        forms = said.forms or ("", "")
        inner = "".join(f"<numerusform>{escape(form)}</numerusform>" for form in forms)
    else:
        inner = escape(said.forms[0]) if said.forms else ""
    return [*lines, f"        <translation{mark}>{inner}</translation>", "    </message>"]


def compile_catalogue(source: Path, target: Path) -> None:
    """Make the .qm file. RuntimeError with lrelease's own words where it fails."""
    found = importlib.util.find_spec("PySide6")
    if found is None or found.origin is None:
        raise RuntimeError("PySide6 is not here: run this in the environment `test`.")
    tool = Path(found.origin).parent / "lrelease"
    done = subprocess.run(
        [str(tool), "-silent", str(source), "-qm", str(target)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"lrelease failed: {done.stdout}{done.stderr}")


def all_texts(root: Path = ROOT) -> list[Text]:
    """What the source has now: the window's texts, then the engine's."""
    package = root / "rebalancer_gui"
    return [*window_texts(package), *engine_texts(package)]


def made(root: Path = ROOT) -> dict[Path, bytes]:
    """Every file as it should be, by its place in the tree."""
    texts = all_texts(root)
    sentences = [text.source for text in texts if text.context == "Engine"]
    files = {FOLDER / "engine.json": (json.dumps(sentences, ensure_ascii=False, indent=0) + "\n").encode()}
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            name = f"rebalancer_{language}"
            source = catalogue(language, texts, read_catalogue(root / FOLDER / f"{name}.ts"))
            draft, compiled = Path(folder) / f"{name}.ts", Path(folder) / f"{name}.qm"
            draft.write_text(source, encoding="utf-8")
            compile_catalogue(draft, compiled)
            files[FOLDER / f"{name}.ts"] = source.encode()
            files[FOLDER / f"{name}.qm"] = compiled.read_bytes()
    return files


def untranslated(language: str, root: Path = ROOT) -> list[Text]:
    """What the language lacks (English: plurals only)."""
    known = read_catalogue(root / FOLDER / f"rebalancer_{language}.ts")
    wanted = [text for text in all_texts(root) if text.plural or language != "en"]
    return [text for text in wanted if not known.get((text.context, text.source, text.comment), Translation()).forms]


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with --check say which are not as they should be."""
    check = "--check" in arguments
    files = made()
    stale = [place for place, content in files.items() if not _is(ROOT / place, content)]
    for place in stale:
        if check:
            print(f"{place} is not up to date: run python3 packaging/languages.py")
        else:
            (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / place).write_bytes(files[place])
    lacking = {language: untranslated(language) for language in LANGUAGES}
    for language, texts in lacking.items():
        if texts:
            print(f"{language}: {len(texts)} texts are not translated, such as {texts[0].source!r}")
    return 1 if check and (stale or any(lacking.values())) else 0


def _is(file: Path, content: bytes) -> bool:
    return file.exists() and file.read_bytes() == content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
