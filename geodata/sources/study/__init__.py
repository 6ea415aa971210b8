"""A study: an area file opened, and its layers read, derived or left out."""

from geodata.sources.study.notes import Note
from geodata.sources.study.study import Study

__all__ = ["Note", "Study"]
