"""Printed maps and figures."""
