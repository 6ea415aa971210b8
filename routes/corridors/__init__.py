"""Families of near-optimal paths, and how flow is shared among them."""
