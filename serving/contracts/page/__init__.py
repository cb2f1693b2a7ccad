"""The printed page of an answer: HTML with its charts, without script."""
