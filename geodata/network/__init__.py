"""The network: nodes, links and gateways, its store, names and snapping."""
