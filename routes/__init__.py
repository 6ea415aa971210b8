"""The analysis: scores, costs, trees, corridors. Arrays in, arrays out."""
