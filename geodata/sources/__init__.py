"""What is read: bundles checked against a schema, points and events of users."""
