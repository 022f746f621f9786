"""What is kept: the database, the models, the rules for values. Nothing here knows HTTP."""
