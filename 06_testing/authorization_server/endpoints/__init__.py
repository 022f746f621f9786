"""Where clients and browsers send their requests: one module for each endpoint."""
