"""What we fetch: the host, its processes, ourselves, and what users measure; one scheduler reads them all."""
