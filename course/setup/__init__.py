"""Makes `.venv`, and finds the programs that are not Python."""
