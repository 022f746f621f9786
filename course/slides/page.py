"""Writes a deck as one page of HTML."""

import html
from string import Template

from course.slides import layout
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
INDEX = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Slides</title>
<link rel="stylesheet" href="look/deck.css">
<script src="look/theme.js"></script>
</head>
<body>
<main class="text index">
<h1>Slides</h1>
<ul>
$decks
</ul>
</main>
</body>
</html>
""")
KEYS = (
    "→ next · ← back · ↓ ↑ scroll an output · S speaker view · D light or dark · O overview"
    " · F full screen · ? all keys"
)


def index(titles):
    """Return a page that leads to the decks: to each file by its title."""
    entries = (f'<li><a href="{file}">{html.escape(title)}</a></li>' for file, title in titles)
    return INDEX.substitute(decks="\n".join(entries))


def page(slides):
    """Return the page of a deck; what it needs stands in the folder `look` beside it."""
    return PAGE.substitute(
        title=html.escape(slides[0].title),
        slides="\n".join(map(column, columns(slides))),
        keys=KEYS,
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
        return [block(cell, "text", to_html(cell.source), step=cell.step)]
    printed = [printed_text(output) for output in cell.outputs]
    if len(printed) == 1 and printed[0] and layout.is_better_beside(cell.source, printed[0]):
        return [side_by_side(cell, printed[0])]
    return [code_block(cell), *(output_block(cell, output) for output in cell.outputs)]


def printed_text(output):
    """Return what an output has as text; None of a picture, or of a table in HTML."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    return "".join(data["text/plain"]).rstrip() if data.keys() == {"text/plain"} else None


def side_by_side(cell, printed):
    code = f'<pre class="code">{coloured(cell.source, "python")}</pre>'
    step = cell.output_step if cell.output_step > cell.step else 0  # else it comes with the block
    output = f"<pre {classes('output', step)} tabindex=0>{html.escape(printed)}</pre>"
    room = layout.room_beside(cell.source)
    sizes = {"lines": layout.lines(printed, room), "code-lines": layout.lines(cell.source)}
    return block(cell, "side", code + output, step=cell.step, **sizes)


def code_block(cell):
    return block(cell, "code", f"<pre>{coloured(cell.source, 'python')}</pre>", step=cell.step)


def output_block(cell, output):
    text, step = printed_text(output), cell.output_step
    if text is not None:
        rows = layout.rows(text)
        content = "".join(f"<pre>{html.escape(part)}</pre>" for row in rows for part in row)
        kind = "output in-columns" if len(rows[0]) > 1 else "output"
        return block(cell, kind, content, "tabindex=0", step=step, lines=layout.height(rows))
    data = output["data"]
    if "text/html" in data:
        return block(cell, "output", "".join(data["text/html"]), "tabindex=0", step=step)
    image = "".join(data["image/png"]).strip()
    drawn = f'<img src="data:image/png;base64,{image}" alt="What the code draws">'
    return block(cell, "picture", drawn, step=step)


def block(cell, kind, content, *attributes, step, **sizes):
    """Return a block, which comes at a step. `deck.css` reads its sizes."""
    words = ["div", classes(kind, step), f'data-cell="{cell.id}"', *attributes]
    if sizes:
        style = "; ".join(f"--{name}: {size}" for name, size in sizes.items())
        words.append(f'style="{style}"')
    return f"<{' '.join(words)}>{content}</div>"


def classes(kind, step):
    """Return the attributes of what comes at a step: Reveal counts its fragments from them."""
    return f'class="{kind} fragment" data-fragment-index="{step}"' if step else f'class="{kind}"'
