"""Moving out: everything the site knows as files, and those files read again.

`tables` is the registry of what is exported and what is left out, `contents` this package's own part of it, `values`
one value as JSON and back, `rows` a table as lines, `files` the folder with its manifest. Nothing here writes to the
database: `actions.restoring` does. The format is described in docs/moving.md.
"""
