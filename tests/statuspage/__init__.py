"""Tests of the package `statuspage`, a file a module."""
