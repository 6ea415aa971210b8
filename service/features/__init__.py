"""OGC API - Features: collections, filters, files."""
