"""HTTP on our own ports, REST's and the console's alike: bounded connections, TLS, errors as they are told."""
