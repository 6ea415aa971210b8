"""Vector tiles and the archive that holds them."""
