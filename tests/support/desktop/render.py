"""Open a result or a comparison in a real QGIS and draw it: run by QGIS's own Python.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/support/desktop/render.py DIRECTORY OUT_DIR

Checks that every layer opens with the symbology it was given, not with QGIS's
random one, and that symbols, expressions and labels are read. Writes
``geopackage.png`` and ``geojson.png``; exits 1 with a line for each fault.
"""

import os
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPalLayerSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

# By GeoPackage, from the top down: renderer, whether labelled, layers of each symbol.
EXPECTED = {
    "corridors.gpkg": {
        "gateways": ("categorizedSymbol", True, ["SimpleMarker"]),
        "corridors": ("graduatedSymbol", True, ["SimpleLine", "SimpleLine"]),
        "segments": ("categorizedSymbol", False, ["SimpleLine"]),
        "admin": ("graduatedSymbol", True, ["SimpleFill"]),
    },
    "comparison.gpkg": {
        "gateways": ("graduatedSymbol", True, ["SimpleMarker"]),
        "sectors": ("graduatedSymbol", False, ["SimpleLine", "SimpleLine"]),
        "segments": ("graduatedSymbol", False, ["SimpleLine"]),
        "admin": ("graduatedSymbol", True, ["SimpleFill"]),
        "countries": ("graduatedSymbol", True, ["SimpleFill"]),
    },
}
SEA = "#e3edf2"
# Every layer adds colours of its own; a map of one or two colours is an empty one.
FEWEST_COLOURS = 50


def main(home, out):
    """Check and draw both forms of what is in a directory; return what is wrong."""
    package = next(name for name in EXPECTED if (home / name).exists())
    expected, wrong, below = EXPECTED[package], [], []
    if (home / "density.tif").exists():
        below = [QgsRasterLayer(str(home / "density.tif"), "density")]
        wrong += [f"density: {fault}" for fault in raster_faults(below[0])]
    forms = {
        "geopackage": {
            name: QgsVectorLayer(f"{home / package}|layername={name}", name, "ogr")
            for name in expected
        },
        "geojson": {
            name: QgsVectorLayer(f"{home}/{name}.geojson", name, "ogr") for name in expected
        },
    }
    for form, layers in forms.items():
        for name, layer in layers.items():
            wrong += [f"{form} {name}: {fault}" for fault in vector_faults(layer, *expected[name])]
    counts = [[layer.featureCount() for layer in layers.values()] for layers in forms.values()]
    if counts[0] != counts[1]:
        wrong.append(f"GeoPackage and GeoJSON hold different numbers of features: {counts}")
    if not wrong:
        packaged, loose = forms["geopackage"], forms["geojson"]
        frame = below[0] if below else loose["admin"]
        wrong += draw(list(packaged.values()), frame, out / "geopackage.png")
        upper = [loose["gateways"], loose["segments"]]
        wrong += draw([*upper, *below, loose["admin"]], frame, out / "geojson.png")
    return wrong


def vector_faults(layer, renderer, labelled, symbol_layers):
    """What is wrong with a layer of features."""
    if not layer.isValid():
        return ["does not open"]
    faults = []
    if layer.renderer().type() != renderer:
        faults.append(f"is drawn by {layer.renderer().type()}, not {renderer}")
    if layer.featureCount() < 1:
        faults.append("holds no features")
    if layer.crs().authid() not in ("EPSG:4326", "OGC:CRS84"):
        faults.append(f"has CRS {layer.crs().authid()}")
    labels = layer.labeling().settings() if layer.labelsEnabled() else None
    if not labels or labels.drawLabels != labelled:
        faults.append(f"has labels enabled: {bool(labels and labels.drawLabels)}")
    elif labelled:
        faults += expression_faults(layer)
    elif not labels.dataDefinedProperties().isActive(QgsPalLayerSettings.IsObstacle):
        faults.append("lets labels of other layers cover what is used most")
    for symbol in layer.renderer().symbols(QgsRenderContext()):
        parts = symbol.symbolLayers()
        if [part.layerType() for part in parts] != symbol_layers:
            faults.append(f"has a symbol of {[part.layerType() for part in parts]}")
        driven = parts[-1].dataDefinedProperties().hasActiveProperties()
        if renderer == "categorizedSymbol" and not driven:
            faults.append("has a symbol whose size does not follow usage")
    return faults


def expression_faults(layer):
    """Whether the label of some feature is a text that ends as it should."""
    settings = layer.labeling().settings()
    expression = QgsExpression(settings.fieldName)
    if not settings.isExpression or expression.hasParserError():
        return [f"has a label that QGIS cannot read: {settings.fieldName}"]
    context = layer.createExpressionContext()
    texts = []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        texts.append(expression.evaluate(context))
    if expression.hasEvalError() or not any(isinstance(text, str) and text for text in texts):
        return [f"has labels without text: {expression.evalErrorString()}"]
    return []


def raster_faults(layer):
    """What is wrong with the density raster."""
    if not layer.isValid():
        return ["does not open"]
    faults = []
    if layer.renderer().type() != "singlebandpseudocolor":
        return [f"is drawn by {layer.renderer().type()}"]
    shader = layer.renderer().shader().rasterShaderFunction()
    seen, *colour = shader.shade(0.0)
    if not seen or colour[3] != 0:
        faults.append(f"does not leave zero transparent: {colour}")
    if not layer.crs().isValid():
        faults.append("has no CRS")
    return faults


def draw(layers, frame, path):
    """Render layers, topmost first, over the frame's extent; return what is wrong."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(frame.crs())
    # Room for the names of gateways at the edge.
    extent = frame.extent()
    extent.scale(1.15)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(1800, round(1800 * extent.height() / extent.width())))
    settings.setOutputDpi(140)
    settings.setBackgroundColor(QColor(SEA))
    settings.setTransformContext(QgsProject.instance().transformContext())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    faults = [f"{path.name}: {error.message}" for error in job.errors()]
    image = job.renderedImage()
    if not image.save(str(path)):
        faults.append(f"{path.name}: could not be written")
    pixels = {
        image.pixel(column, row)
        for column in range(0, image.width(), 3)
        for row in range(0, image.height(), 3)
    }
    if len(pixels) < FEWEST_COLOURS:
        faults.append(f"{path.name}: has only {len(pixels)} colours")
    return faults


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    faults = main(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(faults), flush=True)
    # QGIS may crash while it takes itself apart, and what it was asked is done.
    os._exit(1 if faults else 0)
