"""Flask serves networks and corridors as GeoJSON."""
