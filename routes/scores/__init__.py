"""Remoteness and governance weakness, as composite indicators."""
