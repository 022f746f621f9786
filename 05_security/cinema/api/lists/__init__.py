"""The lists, in the way of each version."""
