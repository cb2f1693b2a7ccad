"""Implied references: from a reported payment back to its reference, or a refusal with the grid."""
