"""Open the project of the guide in a real QGIS, run its Python, and draw: run by QGIS's Python.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/qgis/follow_guide.py PROJECT LAYER CODE OUT

Prints JSON: what each layer of the project is, and colours of the pictures drawn to OUT.
"""

import gc
import json
import sys
from pathlib import Path

import qgis.core
from qgis.core import (
    QgsApplication,
    QgsLayerDefinition,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
)
from qgis.PyQt.QtCore import QSize


def main(project_path, layer_path, code, out):
    """Follow the guide."""
    project = QgsProject.instance()
    found = {"opened": project.read(str(project_path)), "system": project.crs().authid()}
    found["layers"] = {each.id(): told(each) for each in project.mapLayers().values()}
    root = project.layerTreeRoot()
    shown = [node.layer() for node in root.findLayers() if node.isVisible()]
    found["shown"] = [each.id() for each in shown]
    found["project"] = draw(shown, out / "qgis-project.png")
    found["drawn"] = {
        each.id(): draw([each], out / f"{each.id()}.png") for each in project.mapLayers().values()
    }
    added = QgsLayerDefinition.loadLayerDefinitionLayers(str(layer_path))
    found["definition"] = [told(each) for each in added]
    # The console of QGIS knows all of its core by name.
    names = dict(vars(qgis.core))
    exec(code, names)
    segments = names["segments"]
    found["console"] = told(segments)
    scores = project.mapLayer("vereda_admin")
    found["segments"] = draw([segments, scores], out / "qgis-segments.png")
    return found


def told(layer):
    """What a layer is."""
    if not layer.isValid():
        return {"error": layer.error().message()}
    return {
        "count": layer.featureCount(),
        "renderer": layer.renderer().type(),
        "provider": layer.dataProvider().name(),
        "labels": layer.labelsEnabled(),
    }


def draw(layers, path):
    """Draw layers over the area; the number of colours that came of it."""
    project = QgsProject.instance()
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(1400, 900))
    settings.setBackgroundColor(project.backgroundColor())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    if job.errors():
        raise RuntimeError([error.message for error in job.errors()])
    image = job.renderedImage()
    image.save(str(path))
    return len({image.pixel(x, y) for x in range(0, 1400, 2) for y in range(0, 900, 2)})


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    given = [Path(argument) for argument in sys.argv[1:]]
    print(json.dumps(main(given[0], given[1], given[2].read_text(), given[3])))
    QgsProject.instance().clear()
    gc.collect()
    application.exitQgis()
