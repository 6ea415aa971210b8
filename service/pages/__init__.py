"""The map page and the landing page."""
