"""The list endpoints: paged by number in version 1, by cursor in version 2."""
