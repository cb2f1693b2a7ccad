"""The retrain job: new data in, a candidate fitted, judged against the champion, promoted or refused with reasons."""
