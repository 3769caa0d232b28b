"""How a model behaves where a test split has too few texts to tell (CheckList, Ribeiro and others, 2020)."""
