"""Writes a deck as one page of HTML."""

import html
from string import Template

from course.slides.text import coloured, to_html

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<link rel="stylesheet" href="look/reveal.css">
<link rel="stylesheet" href="look/deck.css">
<link rel="stylesheet" href="look/code.css">
<script src="look/theme.js"></script>
</head>
<body>
<div class="reveal">
<div class="slides">
$slides
</div>
</div>
<p class="keys">$keys</p>
<script src="look/reveal.js"></script>
<script src="look/notes.js"></script>
<script src="look/mermaid/parts.js"></script>
<script src="look/mermaid.js"></script>
<script src="look/deck.js"></script>
</body>
</html>
""")
KEYS = (
    "→ next · ← back · S speaker view · D light or dark · O overview · F full screen · ? all keys"
)

# Of `deck.css`, in pixels:
WIDTH = 1280 - 2 * 48  # of what stands on a slide
LETTER_OF_CODE, LETTER_OF_OUTPUT = 10.24, 9.64
PADDING = 28 + 32 + 16  # of code, of an output beside it, and between them

WIDTH_OF_OUTPUT = int((WIDTH - 32) / LETTER_OF_OUTPUT)  # in letters, below its code
ENOUGH = 46  # letters: an exchange can be read in them
FEW_LINES = 15  # of code and output: one below the other


def page(title, slides):
    """Return the page of a deck; what it needs stands in the folder `look` beside it."""
    return PAGE.substitute(
        title=html.escape(title),
        slides="\n".join(map(column, columns(slides))),
        keys=" · ".join(f"<span>{key}</span>" for key in KEYS.split(" · ")),
    )


def columns(slides):
    """Part the slides into columns: each is a slide and the subslides below it."""
    found = []
    for slide in slides:
        if slide.is_below and found:
            found[-1].append(slide)
        else:
            found.append([slide])
    return found


def column(slides):
    sections = "\n".join(map(section, slides))
    return sections if len(slides) == 1 else f"<section>\n{sections}\n</section>"


def section(slide):
    blocks = [block for cell in slide.cells for block in blocks_of(cell)]
    notes = "\n".join(map(to_html, slide.notes))
    if notes:
        blocks.append(f'<aside class="notes">\n{notes}</aside>')
    return "\n".join([f'<section id="{slide.id}">', *blocks, "</section>"])


def blocks_of(cell):
    """Return the blocks of a cell: its text, or its code and each of its outputs."""
    if not cell.is_code:
        return [block(cell, "text", to_html(cell.source))]
    printed = [printed_text(output) for output in cell.outputs]
    if len(printed) == 1 and is_better_beside(cell.source, printed[0]):
        return [side_by_side(cell, printed[0])]
    return [code_block(cell), *(output_block(cell, output) for output in cell.outputs)]


def code_block(cell):
    return block(cell, "code", f"<pre>{coloured(cell.source, 'python')}</pre>")


def output_block(cell, output):
    text = printed_text(output)
    if text is not None:
        shown = f"<pre>{html.escape(text)}</pre>"
        return block(cell, "output", shown, "tabindex=0", lines=lines(text, WIDTH_OF_OUTPUT))
    data = output["data"]
    if "text/html" in data:
        return block(cell, "output", "".join(data["text/html"]), "tabindex=0")
    image = "".join(data["image/png"]).strip()
    return block(cell, "picture", f'<img src="data:image/png;base64,{image}" alt="">')


def printed_text(output):
    """Return what an output has as text; None of a picture, or of a table in HTML."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    return "".join(data["text/plain"]).rstrip() if data.keys() == {"text/plain"} else None


def is_better_beside(code, printed):
    """Tell whether there is room for what was printed at the right of the code, and need for it."""
    if printed is None or height(code) + lines(printed, WIDTH_OF_OUTPUT) <= FEW_LINES:
        return False
    return room_beside(code) >= min(width(printed), ENOUGH)


def side_by_side(cell, printed):
    code = f'<pre class="code">{coloured(cell.source, "python")}</pre>'
    output = f'<pre class="output" tabindex=0>{html.escape(printed)}</pre>'
    sizes = {"lines": lines(printed, room_beside(cell.source)), "code-lines": height(cell.source)}
    return block(cell, "side", code + output, **sizes)


def room_beside(code):
    """Return how many letters of output have room at the right of some code."""
    return int((WIDTH - width(code) * LETTER_OF_CODE - PADDING) / LETTER_OF_OUTPUT)


def width(text):
    return max(map(len, text.splitlines()), default=0)


def height(text):
    return len(text.splitlines())


def lines(text, room):
    """Return how many lines a text has once those that are too long are broken."""
    return sum(max(1, -(-len(line) // room)) for line in text.splitlines())


def block(cell, kind, content, *attributes, **sizes):
    """Return a block, which comes at the cell's step. `deck.css` knows its sizes."""
    classes = kind if cell.step == 0 else f"{kind} fragment"
    words = ["div", f'class="{classes}"', f'data-cell="{cell.id}"', *attributes]
    if cell.step:
        words.append(f'data-fragment-index="{cell.step}"')
    if sizes:
        style = "; ".join(f"--{name.replace('_', '-')}: {size}" for name, size in sizes.items())
        words.append(f'style="{style}"')
    return f"<{' '.join(words)}>{content}</div>"
