"""Pure: read what monitoring systems send, judge what is to be said of it. `actions.alerts` stores and publishes."""
