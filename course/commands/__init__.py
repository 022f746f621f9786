"""The commands of `python3 -m course`, a module each: EXAMPLES, add_arguments() and main()."""
