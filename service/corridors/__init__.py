"""Corridors computed on request, within time and size."""
