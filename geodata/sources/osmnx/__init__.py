"""Graphs of osmnx: read from GraphML, taken from memory, and downloaded by osmnx itself."""
