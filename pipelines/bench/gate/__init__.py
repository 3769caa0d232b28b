"""Error rates and duration of the promotion gate, by simulation on saved answers of two real models."""
