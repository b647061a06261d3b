"""Subscribers for programs with a key: Statuspage's addresses, doors to `notifications.subscriptions`."""
