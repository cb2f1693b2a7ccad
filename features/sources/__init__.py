"""Readers by kind: from tables as they were received to the dataset's own layout. Only the importer calls them."""
