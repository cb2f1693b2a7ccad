"""Stochastic price paths: two-factor log prices around a stated deck, on shared Sobol normals."""
