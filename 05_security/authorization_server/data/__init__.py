"""The data layer: clients, consents, authorization codes and tokens. It knows no HTTP."""
