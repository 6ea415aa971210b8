"""The answer as tables: corridors, segments, gateways, exposure, density."""
