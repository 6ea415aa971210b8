"""Compiled code of the search, and the checks of the arrays that it is called with."""
