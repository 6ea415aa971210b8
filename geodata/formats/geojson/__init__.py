"""GeoJSON texts of tables, by compiled kernels."""
