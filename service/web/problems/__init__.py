"""Errors as problems for programs and as pages for people."""
