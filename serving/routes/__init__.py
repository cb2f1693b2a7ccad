"""Routes: from a request to one call of the desk."""
