"""From sources to a network: grid, meshes, roads, rivers, joins, gateways."""
