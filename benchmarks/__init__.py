"""Figures of the running product, each with its floor from the same run."""
