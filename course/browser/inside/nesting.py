"""Reads deeply nested JSON in Python: C code would exhaust the browser's stack, which ends all.

Elsewhere Python guards its C code against this, with a RecursionError. In a browser that guard
comes too late for `json`: 25,000 brackets end the interpreter.
"""

import json.decoder
import json.scanner

FEW = 500  # brackets: as deep as that, C code may follow them


def read_deep_json_carefully():
    json.scanner.make_scanner = make_scanner
    json.decoder.scanner.make_scanner = make_scanner
    json._default_decoder = json.decoder.JSONDecoder()


def make_scanner(decoder, fast=json.scanner.c_make_scanner or json.scanner.py_make_scanner):
    """Return what reads a value: in C; or in Python, if the text may be deeply nested."""
    in_c, in_python = fast(decoder), json.scanner.py_make_scanner(decoder)

    def scan(text, start):
        few = text.count("[") + text.count("{") <= FEW
        return (in_c if few else in_python)(text, start)

    return scan
