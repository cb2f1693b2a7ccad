"""Solutions: terms that are worth as much as wished."""
