"""The map page and the landing page, and what browsers are sent with them."""
