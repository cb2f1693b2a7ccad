"""Market forecasts: what is asked, answered, drawn and shown, and how often they were right."""
