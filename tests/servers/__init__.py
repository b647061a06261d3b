"""The servers that tests need, each a real one or one that speaks the real protocol, on this machine alone."""
