"""Roads: routes, legs, their sinuosity, and the spurs that join towns."""
