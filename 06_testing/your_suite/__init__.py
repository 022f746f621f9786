"""Your own tests of the cinema; `python3 -m course mutants` tells how much they notice."""
