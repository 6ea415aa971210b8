"""OpenStreetMap: roads, and all other layers that its extracts hold."""
