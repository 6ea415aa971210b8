"""The bundled region: clipped layers, their sources, and the script that derives them."""
