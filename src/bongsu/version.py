"""The version, in one place: package metadata, REST, frames and logs read it here."""

__version__ = "0.1.0"
