"""What the API of each section promises: one file a section, one function a promise.

A promise's docstring is its sentence; the function asks an API for it, over HTTP, and raises
`Broken` unless it is kept. Read one to know what to build; `python3 -m course check` asks them.
"""
