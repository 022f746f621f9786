"""The API: its resources, their representations, and its error responses."""
