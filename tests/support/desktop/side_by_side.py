"""Lay the results of a project side by side by their map themes: run by QGIS's Python.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 tests/support/desktop/side_by_side.py PROJECT OUT.png

Prints JSON: what is shown at first, by each theme, and after its group is checked by hand.
"""

import json
import os
import sys

from qgis.core import (
    QgsApplication,
    QgsLayerTreeModel,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
)
from qgis.PyQt.QtGui import QFont

WIDTH, HEIGHT, MARGIN, TITLE = 230.0, 153.0, 6.0, 10.0
"""Millimetres of a map, and around it."""
GROUND = ("vereda_lakes", "vereda_countries")
"""Layers that a legend need not explain."""


def main(path, picture):
    """Go through the themes and draw the first two."""
    project = QgsProject.instance()
    assert project.read(path)
    root, themes = project.layerTreeRoot(), project.mapThemeCollection()
    model = QgsLayerTreeModel(root)
    record = {
        "valid": [each.isValid() for each in project.mapLayers().values()],
        "order": [node.layer().id() for node in root.findLayers()],
        "shown": shown(root),
        "themes": {},
        "checked": {},
    }
    groups = {group.name(): group for group in root.findGroups(True) if group.findLayers()}
    titles = [title for title in groups if title in themes.mapThemes()]
    record["counts"] = {
        title: {
            node.layer().id(): node.layer().featureCount() for node in groups[title].findLayers()
        }
        for title in titles
    }
    for title in titles:
        themes.applyTheme(title, root, model)
        drawn = {each.id() for each in themes.mapThemeVisibleLayers(title)}
        record["themes"][title] = shown(root)
        assert set(record["themes"][title]) == drawn
    for title in titles:
        groups[title].setItemVisibilityChecked(True)
        record["checked"][title] = shown(root)
    lay(project, titles[:2], picture)
    return record


def shown(root):
    """Layers that the map shows, from the top down."""
    return [node.layer().id() for node in root.findLayers() if node.isVisible()]


def lay(project, titles, picture):
    """A page with a map and a title for each, and one legend."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    page = layout.pageCollection().pages()[0]
    page.setPageSize(QgsLayoutSize(MARGIN + 2 * (WIDTH + MARGIN), TITLE + HEIGHT + 50))
    for number, title in enumerate(titles):
        left = MARGIN + number * (WIDTH + MARGIN)
        write(layout, title, left, MARGIN / 2, QFont("Arial", 13, QFont.Bold))
        drawn = QgsLayoutItemMap(layout)
        place(layout, drawn, left, TITLE, HEIGHT)
        drawn.setExtent(project.viewSettings().defaultViewExtent())
        drawn.setFollowVisibilityPreset(True)
        drawn.setFollowVisibilityPresetName(title)
        drawn.setBackgroundColor(project.backgroundColor())
    legend = QgsLayoutItemLegend(layout)
    legend.setAutoUpdateModel(False)
    tree = legend.model().rootGroup()
    tree.clear()
    for layer in project.mapThemeCollection().mapThemeVisibleLayers(titles[0]):
        if layer.id() not in GROUND:
            tree.addLayer(layer)
    legend.setColumnCount(3)
    legend.setSplitLayer(False)
    layout.addLayoutItem(legend)
    legend.attemptMove(QgsLayoutPoint(MARGIN, TITLE + HEIGHT + 2))
    left, top = 3 * MARGIN + 1.3 * WIDTH, TITLE + HEIGHT + 5
    write(layout, project.metadata().abstract(), left, top, QFont("Arial", 8))
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 96
    done = QgsLayoutExporter(layout).exportToImage(picture, settings)
    assert done == QgsLayoutExporter.Success


def write(layout, text, left, top, font):
    """Put a text on the page, as wide as a map or to the edge."""
    item = QgsLayoutItemLabel(layout)
    item.setText(text)
    item.setFont(font)
    width = min(WIDTH, 2 * (WIDTH + MARGIN) - left)
    place(layout, item, left, top, 40 if font.pointSize() < 10 else TITLE, width)


def place(layout, item, left, top, height, width=WIDTH):
    """Put an item on the page."""
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(left, top))
    item.attemptResize(QgsLayoutSize(width, height))


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    print(json.dumps(main(*sys.argv[1:])), flush=True)
    # QGIS may crash while it takes itself apart, and what it was asked is done.
    os._exit(0)
