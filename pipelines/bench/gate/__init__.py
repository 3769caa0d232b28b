"""How often the promotion gate errs, by simulation on saved answers of two real models, and how long it takes."""
