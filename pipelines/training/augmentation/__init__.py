"""Changed copies of the texts to learn from: other words, typing errors, a way there and back through a translation."""
