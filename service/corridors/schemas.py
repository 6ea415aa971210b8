"""Forms as schemas of OpenAPI 3.0, which is older than the JSON Schema that pydantic writes."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from geodata.entries.forms import Form
from geodata.network.known_names import KnownNames
from routes.scenario.keys.profile_form import ProfileForm
from service.corridors.scenario_schema import Body, Execution
from service.web.operations import Record

NAMES: dict[type[Form], str] = {Body: "scenario", ProfileForm: "profile", Execution: "execution"}
"""Names of forms whose schema is not named after the class."""
_PLACE = "#/components/schemas/"


def schemas(known: KnownNames) -> Record:
    """Schemas of ``components``: all forms, and their parts.

    Parameters
    ----------
    known
        Names of the network, for the examples.
    """
    _, definitions = models_json_schema([(form, "validation") for form in NAMES])
    titles = {form.__name__: name for form, name in NAMES.items()}
    named = {key: titles.get(key, key[0].lower() + key[1:]) for key in definitions["$defs"]}
    made = {named[key]: _older(schema, named) for key, schema in definitions["$defs"].items()}
    made["execution"]["properties"]["inputs"] = {"$ref": f"{_PLACE}scenario"}
    for name, example in examples(known).items():
        made["scenario"]["properties"][name]["example"] = [example]
    return made


def examples(known: KnownNames) -> dict[str, str]:
    """An example of each list of names in a scenario."""
    return {
        "from": known.origin,
        "to": known.destination,
        "via": known.gateway,
        "avoid": "sea",
        "close": known.gateway,
        "strengthen": f"{known.gateway}=6",
    }


@cache
def standing_alone(name: str, known: KnownNames) -> Record:
    """One schema that contains all schemas to which it refers; computed once."""
    every = schemas(known)

    def spelt(node: Any) -> Any:
        if isinstance(node, list):
            return [spelt(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return spelt(every[node["$ref"].removeprefix(_PLACE)])
        return {key: spelt(each) for key, each in node.items()}

    alone: Record = spelt(every[name])
    return alone


def _older(node: Any, named: dict[str, str], *, names: bool = False) -> Any:
    """A schema in the form of OpenAPI 3.0.

    Parameters
    ----------
    named
        Schemas of ``components``, by the name that pydantic gives them.
    names
        Whether the keys of this node are names of members.
    """
    if isinstance(node, list):
        return [_older(each, named) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _older(each, named, names=key == "properties") for key, each in node.items()}
    return made if names else _plainer(made, named)


def _plainer(node: Record, named: dict[str, str]) -> Record:
    """One schema without newer keywords and without titles that say nothing."""
    node.pop("title", None)
    if "description" in node:
        node["description"] = " ".join(node["description"].partition("\n\n")[0].split())
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for bound, newer in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if newer in node:
            node |= {bound: node[newer], newer: True}
    if "$ref" in node:
        reference = {"$ref": _PLACE + named[node.pop("$ref").rpartition("/")[2]]}
        return {"allOf": [reference], **node} if node else reference
    return _without_null(node)


def _without_null(node: Record) -> Record:
    """The schema of an optional member, without the null that only Python code uses."""
    if node.get("default", ...) is None:
        del node["default"]
    branches = node.get("anyOf", [])
    kept = [branch for branch in branches if branch.get("type") != "null"]
    if len(kept) == len(branches):
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    if len(kept) > 1:
        return {**rest, "anyOf": kept}
    if not rest or "$ref" not in kept[0]:
        return {**kept[0], **rest}
    return {"allOf": kept, **rest}
