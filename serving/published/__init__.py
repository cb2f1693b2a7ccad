"""What was published when: the first value of every month, and each later one with its time and reason."""
