"""What people see in a browser, and who has logged in there."""
