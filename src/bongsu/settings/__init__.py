"""The one validated model of all settings: files, environment, flags, screens and REST edit the same."""
