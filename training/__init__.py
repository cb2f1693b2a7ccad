"""How a model earns its place: fit, log, register, promote."""
