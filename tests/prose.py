"""Reads Markdown: headings, blocks of code and links, each with the place where it stands."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from course_files import label

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_WORDS = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Block:
    """A fenced block of code; `line` is the number of its first line."""

    file: Path
    line: int
    section: str
    language: str
    text: str

    def __str__(self):
        return f"{label(self.file)}:{self.line}"

    @property
    def is_for_the_chapter_alone(self):
        """Whether its commands are for a place where nothing but the chapter is."""
        return "pip install" in self.text


@dataclass(frozen=True)
class Prose:
    """A text in Markdown."""

    file: Path
    text: str

    @cached_property
    def blocks(self):
        return [self.block(found) for found in BLOCK.finditer(self.text)]

    def block(self, found):
        line, section = self.line_at(found.start(2)), self.section_at(found.start())
        return Block(self.file, line, section, language=found[1], text=found[2])

    @cached_property
    def outside_blocks(self):
        """The text with spaces for its blocks, so that all else stays in its place."""
        return BLOCK.sub(lambda block: re.sub("[^\n]", " ", block[0]), self.text)

    @property
    def anchors(self):
        """What a link can lead to within the text, named as GitHub names it."""
        headings = HEADING.findall(self.outside_blocks)
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}

    @property
    def links(self):
        return self.with_lines(LINK)

    @property
    def code_words(self):
        """What stands in `single` backticks."""
        return self.with_lines(CODE_WORDS)

    def with_lines(self, pattern):
        found = pattern.finditer(self.outside_blocks)
        return [(self.line_at(match.start()), match[1]) for match in found]

    def line_at(self, position):
        return self.text.count("\n", 0, position) + 1

    def section_at(self, position):
        if self.file.parent.name == "lessons":  # a page is one section
            return HEADING.search(self.text)[1]
        before = SECTION.findall(self.outside_blocks, 0, position)
        return before[-1] if before else ""


def read(file):
    return Prose(file, file.read_text(encoding="utf-8"))
