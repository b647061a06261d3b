"""The proof. Layout mirrors the packages; `servers/` has the real programs that tests talk to."""
