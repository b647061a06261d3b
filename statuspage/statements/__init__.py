"""Statements of service levels: stored rows -> facts -> figures -> HTML, PDF, CSV and JSON. Reads only."""
