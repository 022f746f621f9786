"""`python -m fast` lists the techniques: name, lines of code, and what each does."""

import io
import tokenize
from pathlib import Path

from . import TECHNIQUES

NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    tokenize.ENDMARKER,
}


def lines_of_code(module):
    """Count the lines that hold code: no blank ones, no comments, no docstrings."""
    text = Path(module.__file__).read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = [token for token in tokens if token.type not in NO_CODE and not is_docstring(token)]
    return len({token.start[0] for token in code})


def is_docstring(token):
    return token.type == tokenize.STRING and token.line.strip().startswith('"""')


for name, technique in TECHNIQUES.items():
    print(f"{name:<17} {lines_of_code(technique):>3}  {technique.__doc__.splitlines()[0]}")
