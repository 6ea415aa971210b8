"""Compiled code of the search, and what arrays have to be at its doors."""
