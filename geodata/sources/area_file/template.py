"""The file of a study area that ``vereda area init`` writes: commented, and ready to be fetched.

Its samples name an invented country, XA: ISO 3166 keeps the codes from XA to XZ free for that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from geodata.area.box import Box


@dataclass(frozen=True, kw_only=True)
class NewArea:
    """What is known of a new study area.

    Parameters
    ----------
    name
        Short name.
    bbox
        West, south, east, north, or None.
    iso
        Codes of countries and their units, which say where it is when there is no box.
    countries
        Codes of the countries that are studied.
    cell_m
        Edge of a grid cell.
    """

    name: str
    bbox: Box | None = None
    iso: Sequence[str] = ()
    countries: Sequence[str] = ()
    cell_m: float = 2000.0


_HEAD = """\
# A study area of Vereda. What this file does not name is derived or left out, and said so:
#   vereda area check {file}     what is there, what is missing, and what that costs
#   vereda fetch {file}          gets the layers that name a provider or a url
#   vereda build --area {file}   builds the network
# Paths are taken from the folder of this file.

[area]
name = {name}
{where}
{countries}
# Only a strip of these is meshed, so that a border has two sides; all others here by default.
# neighbours = ["XB"]
# How deep that strip is.
# fringe_km = 8.0
# Edge of a grid cell in metres.
cell_m = {cell_m}
"""
_BOX = "# West, south, east, north in degrees; east goes on beyond 180 across the antimeridian."
_ISO = "# ISO 3166 codes of countries or of their first-order units, such as XA-01."
_BODY = """
# One extract of OpenStreetMap holds all of these. Instead of a provider give a path, as
# path = "extract.osm.pbf", or several: path = ["a.osm.pbf", "b.osm.pbf"].
[[layer]]
role = [
  "roads", "coast", "lakes", "rivers", "admin",
  "places", "crossings", "ports", "airstrips", "posts",
]
provider = "geofabrik"

[[layer]]
role = "elevation"
provider = "glo-90"

[[layer]]
role = "population"
provider = "worldpop"

[[layer]]
role = "landcover"
provider = "worldcover"

[[layer]]
role = "lights"
provider = "viirs"

# Your own layers: GeoPackage, GeoParquet, shapefile (as .zip too), FlatGeobuf, GeoJSON, KML, GPX
# or CSV, with the file's columns by canonical ones.
# [[layer]]
# role = "crossings"
# path = "crossings.gpkg"
# rename = { name = "NOMBRE", country_a = "PAIS_A", country_b = "PAIS_B" }
# licence = "CC-BY-4.0"
# attribution = "Whom to name"
#
# [[layer]]
# role = "indicators"                 # iso, indicator, value, year
# path = "indicators.csv"

# Rules of roads; all have defaults. Each value needs a source, or the word "assumption".
# [roads]
# season = "wet"                      # fords close, unpaved roads are slower
# islands = "join"                    # keep, join or drop roads that nothing joins to the rest
# speeds.track.unpaved = { kmh = 15.0, source = "assumption" }

# Names on maps.
# [titles]
# region = "the lowlands"
# countries = { XA = "Alland" }
"""


def area_text(new: NewArea, *, file: str) -> str:
    """The text of a new area file.

    Parameters
    ----------
    file
        Its name, as its comments tell it.
    """
    if new.bbox is not None:
        where = f"{_BOX}\nbbox = [{', '.join(repr(float(edge)) for edge in new.bbox)}]"
    else:
        where = f"{_ISO}\niso = {json.dumps(list(new.iso))}"
    if new.countries:
        countries = f"countries = {json.dumps(list(new.countries))}"
    else:
        countries = '# countries = ["XA"]   # studied whole; by default all that lie here'
    head = _HEAD.format(
        file=file, name=json.dumps(new.name), where=where, countries=countries,
        cell_m=float(new.cell_m),
    )  # fmt: skip
    return head + _BODY
