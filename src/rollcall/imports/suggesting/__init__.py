"""What the columns of an upload mean, where nobody has said it. For the API process.

In: the head of a file, and a team. Out: how its records are read, and a suggestion for each column,
from what the team has confirmed before, from names and cells (`matching`), and from a language
model if one is set up. For `intake` and `endpoints`.
"""
