"""A user's own data beside the shipped dataset: a folder of cards, tables and costs, checked before a row is used."""
