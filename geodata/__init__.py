"""The world: sources in, network out."""
