"""The domain: values in, values out. No file, clock, network or MLflow."""
