"""Speed and memory of the engine beside its peers, measured in one run."""
