"""Explanations are arithmetic: what moved a price, in lines that add up, and what the cost behind it is made of."""
