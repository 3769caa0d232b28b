"""From a source of messages to an immutable, masked snapshot on disk."""
