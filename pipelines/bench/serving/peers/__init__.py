"""The same model as a person would serve it with other tools, in the fewest lines their documentation asks for."""
