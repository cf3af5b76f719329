"""REST: what is asked and pushed over HTTP, and how it is answered. Knows the ports, and no stage."""
