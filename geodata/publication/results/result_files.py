"""Result files: what the directories of results and validations hold, as names alone."""

from __future__ import annotations

from typing import Literal, get_args

from geodata.formats.files.layouts import Layout

LAYERS = ("corridors", "segments", "gateways", "near_gateways", "places", "admin")
"""The vector layers of a result."""

RESULT_FILES = (
    *(f"{name}{suffix}" for name in LAYERS for suffix in (".geojson", ".qml")),
    "corridors.gpkg",
    "density.tif",
    "density.qml",
    "nearness.tif",
    "nearness.qml",
    "map.png",
    "result.json",
)
"""All that a result directory holds."""
Output = Literal[
    "corridors", "segments", "gateways", "near_gateways", "places", "admin",
    "package", "density", "nearness", "map",
]  # fmt: skip
"""A part of a result that may be left out: a vector layer, or one of the other files."""
OUTPUTS: tuple[Output, ...] = get_args(Output)
RESULT = Layout(mark="result.json", files=RESULT_FILES)
VALIDATION = Layout(
    mark="validation.json", files=("validation.csv", "validation.json", "validation.png")
)
"""What a validation's directory holds."""
