"""Moving in from a Statuspage: read a source, check it, and work out the outages it tells of.

`source` fetches documents, `parse` turns them into `records` or says what is wrong,
`timeline` turns component changes into intervals, `rows` turns records into unsaved rows.
Nothing here writes: `actions.importing` does.
"""
