"""How a version that gives each text one label is measured."""
