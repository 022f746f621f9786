"""The data layer: database, models, validation. Nothing here knows HTTP."""
