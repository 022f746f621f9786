"""Makes decks of slides from the notebooks."""
