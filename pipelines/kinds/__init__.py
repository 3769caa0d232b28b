"""What a kind of model answers, and all that knows it; the rest of the tree asks the kind."""
