"""The HTTP layer: checks of requests, headers of responses, errors."""
