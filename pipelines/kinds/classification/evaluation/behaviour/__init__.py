"""How it behaves where a test split has too few texts to tell, by what only labels tell."""
