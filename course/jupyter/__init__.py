"""How the course is at home in Jupyter: its settings, working copies, and messages in a cell."""
