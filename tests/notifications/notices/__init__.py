"""The stateful model of a window's notices: the program itself, and readers who remember what they were told.

world    the provider: judges every message as it is handed over, and keeps each reader's story
machine  what may happen to windows, readers and time: hypothesis chooses
directed stories to begin with, which chance alone hardly ever finds
mutants  ways to break the promise, each of which the machine must find
"""
