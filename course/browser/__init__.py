"""The course in a browser, with nothing to install: the pages `try/` and the notebooks `lab/`.

`inside/` runs in the browser, in Pyodide: a chapter's own package, called without a process or a
socket. `page/` is what a visitor sees. The other modules build both, for `python3 -m course site`.
"""
