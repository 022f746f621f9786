"""Measures chapter 4's API beside a plain one and a bare one, on the machine at hand."""
