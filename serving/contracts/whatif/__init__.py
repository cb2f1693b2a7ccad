"""The command `fairprice whatif`: every question about a contract from one file."""
