"""Where: the study area, its grid, its coordinates and lengths on the ground."""
