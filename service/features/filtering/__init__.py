"""Filters by box, property, time and CQL2."""
