"""Calls to other people's machines: which addresses may be called, and sockets that end in time.

Pure standard library, known by the webhook channel and by whoever asks a provider's page.
"""
