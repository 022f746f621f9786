"""What this API says: its resources, how they look, and which error becomes which answer."""
