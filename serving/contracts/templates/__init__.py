"""Templates: clauses to start from, and their blanks."""
