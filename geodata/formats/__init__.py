"""File formats: whole files, GeoJSON, GeoPackage, GeoTIFF, vector tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.faces import offer

if TYPE_CHECKING:
    from geodata.formats.geopackage import write_geopackage
    from geodata.formats.geotiff import write_band
    from geodata.formats.keys import key_of
    from geodata.formats.steps import Steps
    from geodata.formats.text.json_file import write_json, write_text
    from geodata.formats.text.toml import DEEPEST, SUFFIX, is_deeper, parse_toml, read_toml
    from geodata.formats.text.toml_lines import key_lines, line_of
    from geodata.formats.text.xml_file import DoctypeError, XmlError, feed, new_parser, root_of
    from geodata.formats.vector import write_features, write_geojson

__all__ = [
    "DEEPEST",
    "SUFFIX",
    "DoctypeError",
    "Steps",
    "XmlError",
    "feed",
    "is_deeper",
    "key_lines",
    "key_of",
    "line_of",
    "new_parser",
    "parse_toml",
    "read_toml",
    "root_of",
    "write_band",
    "write_features",
    "write_geojson",
    "write_geopackage",
    "write_json",
    "write_text",
]

__getattr__, __dir__ = offer(__name__)
