"""From texts to recorded predictions: preprocessing, inference jobs, worker threads."""
