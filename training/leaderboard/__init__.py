"""The leaderboard: estimators of the fair price side by side, on simulated economies whose truth is known."""
