"""What we speak of: samples, series, metrics, queries, errors. Values only, no I/O."""
