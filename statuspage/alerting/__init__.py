"""Alerts of monitoring systems: read what they send, and judge what is to be said of it. Pure; `actions.alerts` stores and publishes."""
