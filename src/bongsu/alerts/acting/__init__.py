"""Automatic actions: what is done when an alert changes, guarded, bounded, and written down."""
