"""Rollcall: a self-hosted contacts API with a bulk CSV importer that accounts for every row."""

from importlib.metadata import version

__version__ = version("rollcall")
