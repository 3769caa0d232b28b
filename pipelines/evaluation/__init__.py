"""How good a packaged model is, and how sure that is."""
