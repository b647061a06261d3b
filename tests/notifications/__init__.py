"""Tests of `notifications`, a file a module."""
