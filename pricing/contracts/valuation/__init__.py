"""What a clause is worth while prices are uncertain: closed forms, and payoffs on simulated paths."""
