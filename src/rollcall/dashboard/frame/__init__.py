"""What every page of the dashboard stands on.

In: a request with a session's cookie. Out: a page, a fragment or an error in words, in the reader's
language. For the pages of the dashboard alone; it knows none of them.
"""
