"""New observations: read, checked against what history has shown, and kept as vintages that nothing changes again."""
