"""The study area as a file: where, which layers, and the rules of its roads.

`read_area_file` reads an ``area.toml``. What it says is checked; paths are taken from its folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from geodata.entries.forms import Form, read_form, refuse
from geodata.formats.text.toml import parse_toml, read_toml
from geodata.sources.area_file.layer import Layer
from geodata.sources.area_file.place import Area
from geodata.sources.area_file.road_rules import Roads, laid_over, road_rules

MOST_LAYERS = 200
_OF_OUTLINE = "osmnx:polygon:"
"""Before the name of a file of polygons, whose streets osmnx is to download."""


class AreaFile(Form):
    """A study area read from its file.

    Examples
    --------
    >>> from geodata.sources.area_file import parse_area
    >>> area = parse_area('''
    ... [area]
    ... name = "lowlands"
    ... bbox = [7.40, 43.72, 7.45, 43.76]
    ... cell_m = 100
    ... [[layer]]
    ... role = ["roads", "coast"]
    ... path = "extract.osm.pbf"
    ... ''')
    >>> [layer.role for layer in area.layers]
    ['roads', 'coast']
    """

    area: Area
    layers: Annotated[tuple[Layer, ...], Field(alias="layer", max_length=MOST_LAYERS)] = ()
    roads: Roads
    titles: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, table: Any) -> Any:
        """Each role of a layer as a layer of its own, and the rules that are left out."""
        if not isinstance(table, dict):
            return table
        layers = table.get("layer", [])
        if isinstance(layers, dict):
            raise refuse("Write [[layer]], in two pairs of brackets.", at=".layer", value=layers)
        if isinstance(layers, list):
            layers = tuple(one for layer in layers for one in _by_role(layer))
        return {**table, "layer": layers, "roads": laid_over(road_rules(), table.get("roads", {}))}

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """Refuse a repeated layer, whose features would count twice."""
        seen: dict[tuple[object, ...], int] = {}
        for at, layer in enumerate(self.layers):
            key = (layer.role, layer.path, layer.url, layer.provider, layer.layer, layer.band,
                   layer.date, tuple(layer.rename.items()))  # fmt: skip
            if key in seen:
                remedy = f"layer[{seen[key]}] is the same: take one of them out."
                raise refuse(remedy, at=f".layer[{at}]", value=layer.label)
            seen[key] = at
        return self

    def of(self, *roles: str) -> list[Layer]:
        """Layers of these roles, in the order of the file."""
        return [layer for layer in self.layers if layer.role in roles]

    def resolved(self, folder: Path) -> AreaFile:
        """The same with whole paths: those of the file are relative to its folder."""
        layers = []
        for layer in self.layers:
            paths = layer.path or (Path("data") / layer.role,)
            own: dict[str, Any] = {"path": tuple(_from_folder(folder, path) for path in paths)}
            if layer.provider and layer.provider.startswith(_OF_OUTLINE):
                outline = Path(layer.provider.removeprefix(_OF_OUTLINE).strip())
                own["provider"] = f"{_OF_OUTLINE}{_from_folder(folder, outline)}"
            layers.append(layer.model_copy(update=own))
        named = ("polygon", "titles", "manifest")
        beside = {key: getattr(self.area, key) for key in named}
        area = self.area.model_copy(
            update={key: _from_folder(folder, path) for key, path in beside.items() if path}
        )
        return self.model_copy(update={"layers": tuple(layers), "area": area})


def _from_folder(folder: Path, path: Path) -> Path:
    """A path from a folder; one that begins with ``~`` from the home of a user."""
    try:
        return folder / path.expanduser()
    except RuntimeError:
        return folder / path


def _by_role(layer: Any) -> list[Any]:
    roles = layer.get("role") if isinstance(layer, dict) else None
    if roles == []:
        raise refuse("Give at least one role.", at=".layer.role", value=roles)
    return [{**layer, "role": role} for role in roles] if isinstance(roles, list) else [layer]


def parse_area(
    content: str | bytes, *, folder: Path | None = None, field: str = "area"
) -> AreaFile:
    """A study area from the text of its file.

    Parameters
    ----------
    folder
        Where paths begin; they stay as they are without it.

    Raises
    ------
    DataError
        With the key, its value and the allowed values.
    """
    area = read_form(AreaFile, parse_toml(content, field=field))
    return area if folder is None else area.resolved(folder)


def read_area_file(path: Path | str) -> AreaFile:
    """A study area from its file, with whole paths.

    Raises
    ------
    InputError
        When there is no such file.
    DataError
        With the key, its value and the allowed values.
    """
    path = Path(path)
    table = read_toml(path, field="area")
    return read_form(AreaFile, table).resolved(path.resolve().parent)
