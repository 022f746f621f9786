"""HTTP over TLS."""
