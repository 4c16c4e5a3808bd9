"""``rebalancer licences``: what the program is made with, and on which terms. Needs no data folder."""

from __future__ import annotations

import json

from rebalancer_gui.console.answers import Json
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import EnvironmentProblem
from rebalancer_gui.resources_path import resource_dir

END_OF_OVERVIEW = "=" * 100


def run(printer: Printer, *, full: bool) -> None:
    """Print the overview, or with ``full`` every licence text. EnvironmentProblem where the files did not come along."""
    try:
        folder = resource_dir() / "licences"
        text = (folder / "third-party.txt").read_text(encoding="utf-8")
        bill = json.loads((folder / "sbom.cdx.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise EnvironmentProblem(
            f"The texts of the licences are missing: {error}.", "Install the program again."
        ) from None
    overview, _, _texts = text.partition(END_OF_OVERVIEW)
    rows: list[Json] = [
        {"name": part["name"], "version": part["version"], "licence": part["licenses"][0]["expression"]}
        for part in bill["components"]
    ]
    answer: Json = {"file": str(folder / "third-party.txt"), "packages": rows}
    printer.answer(
        answer, text if full else f"{overview.rstrip()}\n\nAll texts: {folder}, or rebalancer licences --full"
    )
