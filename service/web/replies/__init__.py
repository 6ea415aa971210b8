"""Replies: their headers, their conditions, and what pages may load."""
