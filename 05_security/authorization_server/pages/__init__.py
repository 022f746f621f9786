"""Pages for the browser, and the login in it."""
