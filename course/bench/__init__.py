"""Measures chapter 4's API, plain and fast, beside two peers, on the machine at hand."""
