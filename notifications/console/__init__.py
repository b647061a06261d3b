"""The staff's rooms of this package: dead letters, subscribers, evidence. Thin doors to the writing rooms."""
