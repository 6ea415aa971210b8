"""Questions that ask the router many times: cuts, draws, validation."""
