"""How often we were right: fair prices and forecasts beside what came, over HTTP, on the command line, as a page."""
