"""Types what a lesson says, as a learner does who follows it step by step.

A Python block under a line that names a file, such as `cinema/api/movies.py`, is typed into it:
imports go to the top, what has the same name is replaced, all else is added at the end. In a class
or a function, a line with … alone stands for what is there already. "`FILE`, the whole file:" is
what it says; "Delete `FILE`." and "Remove the import of `NAME` from `FILE`." are too. A block
without a file is there to be read. Solutions of tasks are typed apart: `steps_of_solution`.
"""

import ast
import re
import textwrap
from dataclasses import dataclass

from course.tasks import without_solutions

STEP = re.compile(
    r"^`(?P<file>[\w./-]+\.(?:py|txt|toml|html))`(?P<whole>, the whole file)?:?\n\n"
    r"```\w*\n(?P<code>.*?)^```$"
    r"|^Delete `(?P<gone>[\w./-]+)`\."
    r"|^Remove the import of `(?P<name>\w+)` from `(?P<importer>[\w./-]+)`\.",
    re.MULTILINE | re.DOTALL,
)
REST = "…"
STANDS_FOR_REST = f"'{REST}'"  # so that a block is Python


@dataclass
class Step:
    """A block to type into a file; a file to delete; or an import to remove, by its name."""

    file: str
    code: str | None = None
    whole: bool = False
    unwanted: str | None = None


def steps(lesson):
    """Return the steps of a lesson, or a section of it."""
    return [step_of(found) for found in STEP.finditer(without_solutions(lesson))]


def steps_of_solution(text):
    return [step_of(found) for found in STEP.finditer(text)]


def step_of(found):
    if found["gone"]:
        return Step(found["gone"])
    if found["importer"]:
        return Step(found["importer"], unwanted=found["name"])
    return Step(found["file"], found["code"], bool(found["whole"]))


def type_in(step, folder):
    path = folder / step.file
    if step.unwanted:
        path.write_text(without_import(path.read_text(encoding="utf-8"), step.unwanted), "utf-8")
        return
    if step.code is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    new = step.code if step.whole or path.suffix != ".py" or not old else merged(old, step.code)
    if path.suffix == ".py":
        ast.parse(new, str(path))
    path.write_text(new, encoding="utf-8")


def merged(old, block):
    """Return a module's text with a block typed into it."""
    old_parts, new_parts = parts(old), parts(textwrap.dedent(block))
    names = {name: i for i, (name, _) in enumerate(old_parts) if name}
    texts = [text for _, text in old_parts]
    imports = [i for i, (_, text) in enumerate(old_parts) if is_import(text)]
    top = imports[-1] if imports else (0 if texts and texts[0].startswith('"""') else -1)
    for name, text in new_parts:
        if is_import(text):
            if text not in texts:
                top = add_import(texts, text, top)
                names = {n: i for i, n in enumerate(map(name_of, texts)) if n}
        elif name in names:
            texts[names[name]] = with_rest(texts[names[name]], text)
        elif text.strip() != REST and text not in texts:
            texts.append(text)
    return "\n\n".join(text.strip("\n") for text in in_order(texts) if text.strip()) + "\n"


def without_import(text, name):
    """Return a module's text without the import of a name."""
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and name in [each.name for each in node.names]:
            node.names = [each for each in node.names if each.name != name]
            instead = [f"{ast.unparse(node)}\n"] if node.names else []
            lines[node.lineno - 1 : node.end_lineno] = instead
            return "".join(lines)
    raise ValueError(f"There is no import of {name}.")


def in_order(texts):
    """Put what a statement needs when it is run, such as the class of an instance, above it."""
    texts = list(texts)
    definitions = {name_of(each): each for each in texts if is_definition(each)}
    for i, text in enumerate(texts):
        needed = needed_at_once(text) if is_definition(text) else all_needed(text, definitions)
        for j in range(i + 1, len(texts)):
            if not is_import(texts[j]) and name_of(texts[j]) in needed:
                texts.insert(i, texts.pop(j))
                return in_order(texts)
    return texts


def is_definition(text):
    return isinstance(ast.parse(text).body[0], (ast.FunctionDef, ast.ClassDef))


def needed_at_once(definition):
    """Return the names that Python looks up when it reads a class or a function."""
    [node] = ast.parse(definition).body
    looked_up = list(node.decorator_list)
    if isinstance(node, ast.ClassDef):
        looked_up += node.bases + [x for x in node.body if not isinstance(x, ast.FunctionDef)]
    else:
        looked_up += node.args.defaults
    return {x.id for part in looked_up for x in ast.walk(part) if isinstance(x, ast.Name)}


def all_needed(text, definitions):
    """Return the names that a statement uses when it is run, and those that these use in turn."""
    needed, waiting = set(), [ast.parse(text)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and node.id not in needed:
            needed.add(node.id)
            waiting += [ast.parse(definitions[node.id])] if node.id in definitions else []
        waiting += ast.iter_child_nodes(node)
    return needed


def add_import(texts, text, top):
    """Add an import below the others, or its names to those of the same module."""
    [new] = ast.parse(text).body
    for i, other in enumerate(texts):
        if not is_import(other):
            continue
        [known] = ast.parse(other).body
        if (
            isinstance(new, ast.ImportFrom)
            and isinstance(known, ast.ImportFrom)
            and (new.module, new.level) == (known.module, known.level)
        ):
            have = {ast.unparse(alias) for alias in known.names}
            known.names += [alias for alias in new.names if ast.unparse(alias) not in have]
            texts[i] = ast.unparse(known)
            return top
    texts.insert(top + 1, text)
    return top + 1


def parts(text):
    """Return the statements of a module as (name or None, text), comments above them included."""
    tree = ast.parse(text.replace(REST, STANDS_FOR_REST) if REST in text else text)
    lines, begin, found = text.splitlines(), 0, []
    for node in tree.body:
        part = "\n".join(lines[begin : node.end_lineno])
        found.append((name_of_node(node), part.strip("\n")))
        begin = node.end_lineno
    return found


def name_of(text):
    return parts(text)[0][0] if text.strip() else None


def name_of_node(node):
    """Return what a statement gives a name to: a function, a class, a variable, or a docstring."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return "the docstring" if node.value.value != REST else None
    return None


def is_import(text):
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return False
    return len(body) == 1 and isinstance(body[0], (ast.Import, ast.ImportFrom))


def with_rest(old, new):
    """Return the new text of a function or class; … in it stands for what the old one has."""
    if REST not in new:
        return new
    old_lines, result, at = old.splitlines(), [], 0
    new_lines = new.splitlines()
    members = class_members(old)
    if members is not None:
        return class_with_rest(old, new)
    for number, line in enumerate(new_lines):
        if line.strip() == REST:
            following = next((x for x in new_lines[number + 1 :] if x in old_lines[at:]), None)
            end = old_lines.index(following, at) if following is not None else len(old_lines)
            result += old_lines[at:end]
            at = end
        else:
            if line in old_lines[at:]:
                at = old_lines.index(line, at) + 1
            result.append(line)
    return "\n".join(result)


def class_members(text):
    try:
        [node] = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    return node if isinstance(node, ast.ClassDef) else None


def class_with_rest(old, new):
    """Type members into a class: those of the same name are replaced, others added at the end."""
    head_new, body_new = split_class(new)
    _, body_old = split_class(old)
    inside = merged(textwrap.dedent(body_old), textwrap.dedent(body_new))
    return f"{head_new}\n{textwrap.indent(inside.rstrip(), '    ')}"


def split_class(text):
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("class "))
    return "\n".join(lines[: start + 1]), "\n".join(lines[start + 1 :])
