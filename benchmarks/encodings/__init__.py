"""Which encoding a file is in: how often it is found out, and what that knowledge is made of.

`python -m benchmarks.encodings` measures lists of names in many languages and encodings, and
prints the table of docs/encodings.md; `lists` makes the lists, `peers` has other detectors, which
are measured where they are installed. `train` counts the letters of languages, from other texts.
"""
