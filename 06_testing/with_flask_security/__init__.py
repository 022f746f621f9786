"""The job of the cinema's tokens, done a second time: by Flask-Security."""
