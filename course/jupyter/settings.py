"""Options of JupyterLab for a class room."""

from pathlib import Path

OPTIONS = (
    "-y",  # Ctrl-C ends it, without a question
    f"--LabApp.extra_labextensions_path={Path(__file__).parent / 'labextensions'}",
)
