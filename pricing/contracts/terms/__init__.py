"""What a contract says, as data: clauses, reference rules and the facts a settlement is told."""
