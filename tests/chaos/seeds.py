"""The seeds of storms. One that broke something stays for good."""

ORDINARY = range(1, 11)

BROKE_SOMETHING: tuple[int, ...] = ()
"""Each with a word on what it broke, and the small test that shows it by itself."""
