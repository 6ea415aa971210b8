"""Who may ask: tokens, scopes, limits on rate."""
