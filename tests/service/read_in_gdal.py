"""Read collections with GDAL's own Python, which may be old: run by the system's Python.

    /usr/bin/python3 tests/service/read_in_gdal.py URL NAME...

Prints JSON: the version, and per collection what it holds whole, in a box, and by property.
"""

import json
import sys

from osgeo import gdal

BOX = (-89.0, 15.0, -88.0, 16.0)


def read(layer):
    """Ids of all features, and how many are left by a box, a property and a time."""
    found = {"ids": [feature.GetField("id") for feature in layer]}
    first = found["ids"][0]
    layer.SetSpatialFilterRect(*BOX)
    found["inside"] = sum(1 for _ in layer)
    layer.SetSpatialFilter(None)
    layer.SetAttributeFilter(f"id = '{first}'")
    found["named"] = [feature.GetField("id") for feature in layer]
    fields = [field.GetName() for field in layer.schema]
    if "time_start" in fields:
        layer.SetAttributeFilter("time_start >= '2020-01-01'")
        found["since"] = sum(1 for _ in layer)
    layer.SetAttributeFilter(None)
    found["fields"] = fields
    return found


if __name__ == "__main__":
    gdal.UseExceptions()
    source = gdal.OpenEx("OAPIF:" + sys.argv[1], gdal.OF_VECTOR)
    told = {name: read(source.GetLayerByName(name)) for name in sys.argv[2:]}
    print(json.dumps({"version": gdal.VersionInfo(), "layers": told}))
