"""How things look: styles as data, for QGIS, web maps and printed maps."""
