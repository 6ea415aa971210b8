"""What users enter: forms with known keys, and the spelling of texts."""
