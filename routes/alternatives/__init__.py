"""Other ways between two ends, by plateaus."""
