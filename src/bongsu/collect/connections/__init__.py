"""Connections: databases, caches and queues, each asked in its own protocol for the few figures that matter."""
