"""What belongs to the user who asks: session, keys, tokens, password."""
