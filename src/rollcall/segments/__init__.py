"""Segments: named groups of contacts."""
