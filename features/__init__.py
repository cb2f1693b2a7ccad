"""What was known when: the shipped dataset, its checks, and the tables the domain reads."""
