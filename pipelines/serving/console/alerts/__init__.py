"""What the console tells a person to look at: each source of alerts is a module of its own."""
