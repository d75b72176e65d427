"""Files that wait to be imported until a person has said what becomes of them. For the API process.

In: an upload, or a file that is stored already, and then what a person says of it, bit by bit.
Out: how it is read under all that, an import that only tells what it would do, and in the end the
import itself: all of one stored file. For `rollcall.dashboard`.

    received = await receive_draft(request, means)    # the files are stored
    draft = await add_draft(session, received.file)   # and the draft is added, without a commit
    table = await read_draft(session, means, draft)   # its columns, each with what it is taken for
    await start_check(session, draft, table)          # a dry run
    await start_import(session, draft, table)         # the import; asked again, the same one

Who makes a file of rows by itself, such as rows of an import that were mended, stores it, and calls
`add_draft` with a `DraftFile`, with the `choices_of` the options of that import, and with its id as
`mended_from`: the draft then opens as that import was, every column accepted.
"""
