"""Whole sites, with parts of them killed."""
