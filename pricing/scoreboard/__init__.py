"""How often we were right: every fair price and forecast beside what came later, and the scores."""
