"""The cinema's tokens a second time, with Flask-Security."""
