"""Service levels: what a contract promises, computed exactly from intervals.

Pure: standard library and `statuspage.vocabulary` only. Instants are datetimes with an
offset, kept in UTC; intervals are half-open; quotients are fractions. Nothing here rounds:
only `exact.percentage` truncates, for display. docs/service-levels.md says which clause of
which contract each rule reads, and how.
"""
