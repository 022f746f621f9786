"""What is kept: clients, consents, authorization codes and tokens. It knows no HTTP."""
