"""What is asked: profile, endpoints, edits; and what an arc then costs."""
