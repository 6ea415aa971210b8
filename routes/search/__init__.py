"""Shortest-path trees over arcs, and the band of near-optimal arcs."""
