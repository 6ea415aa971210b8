"""Vector tiles, MapLibre styles, QGIS projects."""
