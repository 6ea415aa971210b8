"""Origins and destinations: from names, coordinates and layers to nodes that a flow may use."""
