"""What is kept: clients, what users have allowed them, codes and tokens. It knows no HTTP."""
