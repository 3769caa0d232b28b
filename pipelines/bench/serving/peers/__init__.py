"""The same model served with other tools, in the fewest lines that their documentation needs."""
