"""What is noted of every request, without its secrets."""
