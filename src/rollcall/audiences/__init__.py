"""Audiences: the deprecated name of segments, which older clients still use."""
