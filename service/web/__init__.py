"""What every request and reply passes: parameters, bodies, errors, headers."""
