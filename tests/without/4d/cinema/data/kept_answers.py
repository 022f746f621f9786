"""No answers are kept for retries."""
