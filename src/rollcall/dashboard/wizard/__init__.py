"""The wizard: a file is chosen, its columns are gone through, what is to become of its contacts is
said, what would happen is seen, and then it is imported.

In: requests about a draft. Out: its pages, and parts of them for their scripts. All that was said
is kept with the draft (`rollcall.imports.drafts`), so that every page can be left and loaded again.
"""
