"""Failed rows are mended: by rules, by values, in a grid, and imported again.

In: an import that has ended. Out: pages, and fragments for their scripts. For `routers`; what is
done is done by `rollcall.imports.mending`.
"""
