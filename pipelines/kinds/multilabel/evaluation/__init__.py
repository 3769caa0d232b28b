"""How a version that gives each text several labels is measured."""
