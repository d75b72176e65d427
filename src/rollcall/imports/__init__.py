"""Contact imports, from an upload to the last contact. A folder is a stage of the way.

`endpoints`  HTTP                                                              API process
`intake`     an upload becomes a stored file and an import's row               API process
`formats`    what is packed, or a workbook, becomes CSV on its way in          API process, a child
`suggesting` what columns mean is suggested, where nobody has said it          API process
`reading`    stored bytes become chunks of raw records; the head says how      pure
`matching`   columns are held against the column map, or found out             pure
`mapping`    records become contact fields, failures and warnings              pure
`batching`   mapped chunks become batches of distinct contacts                 pure
`copying`    the contacts of a batch become the data of a COPY                 pure
`merging`    a batch goes into the tables, in the caller's transaction         worker
`running`    imports are claimed with a lease, run, given back and ended       worker
`drafts`     stored files wait until a person has said what becomes of them    API process
`control`    imports are cancelled and retried                                 API, command line
`live`       clients are told how far an import is                             API process
`failures`   the lists of failed rows, and the file of them                    API process, a child
`mending`    failed rows are mended where they stand, and imported again       API process, a child
`outcomes`   what became of each row, and where a contact comes from           API process

Modules beside the folders are the words that these have in common; `wake` tells workers of a row.
"""
