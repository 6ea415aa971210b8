"""Geojson."""
