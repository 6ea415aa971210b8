"""Open collections in a real QGIS by address: run by QGIS's own Python.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/support/desktop/read_in_qgis.py URL NAME...

Prints JSON: per collection its count, fields with their types, and all attributes.
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QDateTime, QVariant

BOX = QgsRectangle(-89.0, 15.0, -88.0, 16.0)


def read(url, name):
    """What QGIS makes of a collection."""
    layer = QgsVectorLayer(f"url='{url}' typename='{name}'", name, "OAPIF")
    if not layer.isValid():
        return {"error": layer.error().message()}
    fields = [(field.name(), field.typeName()) for field in layer.fields()]
    features = list(layer.getFeatures())
    # Asks the server for the box; the layer above reads all and chooses for itself.
    source = f"url='{url}' typename='{name}' restrictToRequestBBOX='1'"
    asking = QgsVectorLayer(source, name, "OAPIF")
    inside = asking.getFeatures(QgsFeatureRequest().setFilterRect(BOX))
    return {
        "crs": layer.crs().authid(),
        "geometry": layer.geometryType(),
        "count": layer.featureCount(),
        "read": len(features),
        "inside": sum(1 for _ in inside),
        "fields": fields,
        "rows": [[plain(value) for value in feature.attributes()] for feature in features],
    }


def plain(value):
    """A value that JSON can hold."""
    if isinstance(value, QDateTime):
        return value.toUTC().toString("yyyy-MM-ddTHH:mm:ssZ")
    return None if isinstance(value, QVariant) and value.isNull() else value


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    layers = {name: read(sys.argv[1], name) for name in sys.argv[2:]}
    print(json.dumps(layers, default=str), flush=True)
    # QGIS may crash while it takes itself apart, and what it was asked is done.
    os._exit(0)
