"""What hostile clients meet: it refuses odd requests, and adds header fields to each answer."""
