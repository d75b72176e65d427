"""Part of step 1: files as people have them become the CSV that the engine reads.

`csv_stream`  any file that is taken in, as a stream of CSV
`detect`      what a file is, by its first bytes; what is no table is refused by name
`gunzip`      gzip is unpacked as it streams in
`convert`     a zip or a workbook is spooled, then read by a process of its own
`child`       that process: limits, and which of the two it is
`archive`     the one file of a zip
`workbook`    the parts of a workbook: sheets, shared strings, number formats
`sheet`       the rows of its first sheet as CSV, as a stream
`cells`       what a cell says: numbers, dates, escapes

`child` and what it imports need nothing beyond the standard library, so that it starts quickly
and small.
"""
