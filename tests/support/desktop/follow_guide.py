"""Open the project of the guide in a real QGIS, run its Python, and draw: run by QGIS's Python.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/support/desktop/follow_guide.py \\
        PROJECT LAYER CODE OUT

Prints JSON: what each layer of the project is, and colours of the pictures drawn to OUT.
"""

import json
import os
import sys
from pathlib import Path

import qgis.core
from qgis.core import (
    QgsApplication,
    QgsDateTimeRange,
    QgsExpression,
    QgsFeatureRequest,
    QgsLayerDefinition,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayerTemporalContext,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QSize, QTime
from qgis.PyQt.QtGui import QImage

WIDTH, HEIGHT = 1400, 900


def main(project_path, layer_path, code, out):
    """Follow the guide."""
    project = QgsProject.instance()
    record = {"opened": project.read(str(project_path)), "system": project.crs().description()}
    root = project.layerTreeRoot()
    shown = [node.layer() for node in root.findLayers() if node.isVisible()]
    record["shown"] = [each.id() for each in shown]
    record["project"] = draw(shown, out / "qgis-project.png")
    record["drawn"] = {
        each.id(): draw([each], out / f"{each.id()}.png") for each in project.mapLayers().values()
    }
    added = QgsLayerDefinition.loadLayerDefinitionLayers(str(layer_path))
    # Now that they are drawn, QGIS holds their features.
    record["layers"] = {each.id(): describe(each) for each in project.mapLayers().values()}
    record["credit"] = project.metadata().abstract()
    record["timed"] = timed(project.mapLayer("vereda_posts"))
    record["definition"] = [describe(each) for each in added]
    # The console of QGIS knows all of its core by name.
    names = dict(vars(qgis.core))
    exec(code, names)
    segments = names["segments"]
    record["console"] = describe(segments)
    scores = project.mapLayer("vereda_admin")
    record["segments"] = draw([segments, scores], out / "qgis-segments.png")
    drawn = project.mapLayer("vereda_segments")
    assert drawn.styleManager().setCurrentStyle("by mode")
    record["by mode"] = describe(drawn)
    return record


def describe(layer):
    """What a layer is."""
    if not layer.isValid():
        return {"error": layer.error().message()}
    return {
        "count": layer.featureCount(),
        "renderer": layer.renderer().type(),
        "provider": layer.dataProvider().name(),
        "labels": layer.labelsEnabled(),
        "styles": layer.styleManager().styles(),
        "aliases": [layer.attributeAlias(index) for index in range(layer.fields().count())],
        "tip": layer.mapTipTemplate(),
        "called": called(layer),
        "rights": layer.metadata().rights(),
        "licences": layer.metadata().licenses(),
    }


def called(layer):
    """What QGIS calls the first feature, and says of it under the pointer."""
    context = layer.createExpressionContext()
    feature = next(layer.getFeatures(QgsFeatureRequest().setLimit(1)))
    context.setFeature(feature)
    title = QgsExpression(layer.displayExpression()).evaluate(context)
    return [str(title), QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)]


def timed(layer):
    """Whether a layer follows the temporal controller by itself, and what it shows of 2020."""
    times = layer.temporalProperties()
    active = times.isActive()
    times.setIsActive(True)
    first, last = (QDateTime(QDate(2020, *day), QTime()) for day in ((1, 1), (12, 31)))
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layer)
    chosen = times.createFilterString(context, QgsDateTimeRange(first, last))
    request = QgsFeatureRequest(QgsExpression(chosen))
    starts = [feature["time_start"] for feature in layer.getFeatures(request)]
    years = {None if start.isNull() else start.date().year() for start in starts}
    return [active, sorted(years, key=str)]


def draw(layers, path):
    """Draw layers over the area; the number of colours that came of it."""
    project = QgsProject.instance()
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setBackgroundColor(project.backgroundColor())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    if job.errors():
        raise RuntimeError([error.message for error in job.errors()])
    image = job.renderedImage()
    image.save(str(path))
    image = image.convertToFormat(QImage.Format_RGB32)
    pixels = memoryview(image.constBits().asstring(image.sizeInBytes())).cast("I")
    rows = (pixels[start : start + WIDTH] for start in range(0, WIDTH * HEIGHT, 2 * WIDTH))
    return len({pixel for row in rows for pixel in row[::2]})


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    paths = [Path(argument) for argument in sys.argv[1:]]
    print(json.dumps(main(paths[0], paths[1], paths[2].read_text(), paths[3])), flush=True)
    # QGIS may crash while it takes itself apart, and what it was asked is done.
    os._exit(0)
