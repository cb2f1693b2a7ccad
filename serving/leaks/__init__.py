"""What the fair price does when market prices alone move: the leak that was measured, beside its limit."""
