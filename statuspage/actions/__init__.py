"""Every write of the status page, one verb one function.

Console, API, Alertmanager, commands and the sweep are doors to these, so that they
behave alike: same validation, same audit row, same event, same publication.
"""
