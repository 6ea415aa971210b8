"""Files of users: points and events as tables and map layers of many makers."""
