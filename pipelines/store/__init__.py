"""What was answered and what people said back, kept in one database."""
