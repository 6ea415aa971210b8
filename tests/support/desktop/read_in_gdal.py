"""Read collections with GDAL's own Python, which may be old: run by the system's Python.

    /usr/bin/python3 tests/support/desktop/read_in_gdal.py URL < QUESTIONS

The questions are JSON: per collection, SQL conditions by name. Prints JSON: the version, and per
collection its fields and the ids of what it holds whole, in a box, and by each condition.
"""

import json
import sys

from osgeo import gdal

BOX = (-89.0, 15.0, -88.0, 16.0)
LARGEST = {"links"}


def read(name, conditions):
    """Ids of all features, and of those left by a box and by each condition."""
    # Small pages once, as GDAL asks by itself; what it then sifts by itself takes long so. Of the
    # largest collection they are a box, since the whole would be thousands of them.
    small, layer = (source.GetLayerByName(name) for source in (usual, hasty))
    full, boxed = (layer, small) if name in LARGEST else (small, layer)
    record = {"fields": [field.GetName() for field in layer.schema], "ids": ids(full)}
    boxed.SetSpatialFilterRect(*BOX)
    record["inside"] = ids(boxed)
    boxed.SetSpatialFilter(None)
    for name, condition in conditions.items():
        layer.SetAttributeFilter(condition)
        record[name] = ids(layer)
    layer.SetAttributeFilter(None)
    return record


def ids(layer):
    return [feature.GetField("id") for feature in layer]


if __name__ == "__main__":
    gdal.UseExceptions()
    usual = gdal.OpenEx("OAPIF:" + sys.argv[1], gdal.OF_VECTOR)
    big = ["PAGE_SIZE=10000"]
    hasty = gdal.OpenEx("OAPIF:" + sys.argv[1], gdal.OF_VECTOR, open_options=big)
    questions = json.load(sys.stdin)
    layers = {name: read(name, conditions) for name, conditions in questions.items()}
    print(json.dumps({"version": gdal.VersionInfo(), "layers": layers}))
