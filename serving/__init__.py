"""The answer, over HTTP and on the command line."""
