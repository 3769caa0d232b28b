"""Tables for people: stored messages, labels and corrections, and the answers to a file of messages."""
