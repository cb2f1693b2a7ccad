"""What a contract may say: the schema of its terms."""
