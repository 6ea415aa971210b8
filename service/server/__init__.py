"""gunicorn, its connections, and how the service is watched."""
