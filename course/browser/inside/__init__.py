"""What `course` is in a browser: Python without processes, threads and sockets (Pyodide)."""

from course.browser.inside.notebook import is_notebook, make_ready
from course.browser.inside.stand_ins import stand_in

stand_in()
if is_notebook():
    make_ready()
