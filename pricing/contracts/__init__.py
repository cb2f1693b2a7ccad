"""What a clause pays."""
