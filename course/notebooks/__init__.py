"""What the notebooks use, and what runs them."""
