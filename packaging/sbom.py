"""The bill of materials of the program, as CycloneDX 1.6 wants it (https://cyclonedx.org/docs/1.6/json/)."""

import json
import tomllib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from parts import ROOT, Part

_NAMESPACE = uuid.UUID("5f0f4a4e-8a3c-5d0b-9a53-3f1f9d3c2f10")
"""Of this project: the serial number follows from the content, so that the same locks give the same document."""


def own() -> Mapping[str, str]:
    """Name, version and description of the program."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {name: str(project[name]) for name in ("name", "version", "description", "license")}


def document(found: Sequence[Part], more: Iterable[Mapping[str, object]] = ()) -> str:
    """The bill as JSON. `more` are components besides Python packages, such as CPython in a package that brings it."""
    this = own()
    root = {
        "type": "application",
        "bom-ref": f"pkg:pypi/{this['name']}@{this['version']}",
        "name": this["name"],
        "version": this["version"],
        "description": this["description"],
        "licenses": [{"expression": this["license"]}],
        "purl": f"pkg:pypi/{this['name']}@{this['version']}",
    }
    components = [_component(part, version, marker) for part in found for version, marker in _pins(part)]
    extra = [dict(each) for each in more]
    references = {part.name: [_purl(part, version) for version in part.versions] for part in found}
    direct = sorted(purl for name in _direct() for purl in references.get(name, ()))
    graph = [{"ref": root["bom-ref"], "dependsOn": [*direct, *sorted(str(each["bom-ref"]) for each in extra)]}]
    graph += [
        {"ref": _purl(part, version), "dependsOn": sorted(purl for need in part.needs for purl in references[need])}
        for part in found
        for version in part.versions
    ]
    bill: dict[str, object] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": {"component": root},
        "components": [*components, *extra],
        "dependencies": graph,
    }
    bill["serialNumber"] = uuid.uuid5(_NAMESPACE, json.dumps(bill, sort_keys=True)).urn
    return json.dumps(bill, indent=1, ensure_ascii=True) + "\n"


def _pins(part: Part) -> Iterable[tuple[str, str]]:
    return zip(part.versions, part.markers, strict=True)


def _purl(part: Part, version: str) -> str:
    return f"pkg:pypi/{part.name}@{version}"


def _component(part: Part, version: str, marker: str) -> dict[str, object]:
    made: dict[str, object] = {
        "type": "library",
        "bom-ref": _purl(part, version),
        "name": part.name,
        "version": version,
        # `optional`: the console twin runs without it.
        "scope": "optional" if part.with_window_only else "required",
        "licenses": [{"expression": part.licence}],
        "purl": _purl(part, version),
    }
    if part.home:
        made["externalReferences"] = [{"type": "website", "url": part.home}]
    if marker:
        made["properties"] = [{"name": "rebalancer:installed-where", "value": marker}]
    return made


def _direct() -> set[str]:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["window"]]
    return {canonicalize_name(Requirement(text).name) for text in asked}
