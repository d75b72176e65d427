"""Teams and the keys they call with."""
