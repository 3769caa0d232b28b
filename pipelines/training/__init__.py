"""Fine-tuning: from a pretrained encoder and a snapshot to a challenger."""
