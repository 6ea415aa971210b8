"""Vector files of a study, of any format and CRS, as layers in their canonical form."""

from geodata.sources.vectors.files import crs_names
from geodata.sources.vectors.reading import read_vector
from geodata.sources.vectors.roads import vector_roads

__all__ = ["crs_names", "read_vector", "vector_roads"]
