"""File formats: whole files, GeoJSON, GeoPackage, GeoTIFF, vector tiles."""
