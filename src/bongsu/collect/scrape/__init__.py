"""What other programs expose for Prometheus, fetched at intervals: their text becomes our samples."""
