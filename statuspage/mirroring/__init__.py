"""A component that is another Statuspage's: what its page says of it, asked now and then.

`asking` calls the page, `reading` makes facts of its JSON, `evidence` keeps what it said, `rounds` asks what is due.
What follows from an answer is `actions.mirrors`' to write.
"""
