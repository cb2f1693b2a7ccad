"""Comparisons: several terms under several outlooks in one request."""
