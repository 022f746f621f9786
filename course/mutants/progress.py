"""What each suite has caught so far: a small file in the course, kept from run to run."""

from pathlib import Path

from course.mutants import kept
from course.spine import ROOT

FILE = ROOT / ".mutants.json"
SURVIVED, CAUGHT, EXPLAINED = "survived", "caught", "explained"


class Progress:
    """What came of each fault, by its name, when a suite was last tried with it."""

    def __init__(self, chapter, paths):
        places = sorted(str(Path(path).resolve()) for path in paths)
        self.suite = "\n".join([str(chapter.folder.resolve()), *places])

    def states(self):
        return kept.read(FILE).get(self.suite, {})

    def caught(self):
        """Return the names of the faults that it has caught."""
        return {name for name, state in self.states().items() if state != SURVIVED}

    def note(self, name, *, caught):
        """Note how a run has ended, at once: the next may be interrupted."""
        if not caught:
            self.keep({name: SURVIVED})
        elif self.states().get(name) != EXPLAINED:
            self.keep({name: CAUGHT})

    def explained(self, names):
        self.keep(dict.fromkeys(names, EXPLAINED))

    def keep(self, states):
        """Keep it whole or not at all; and no more of suites that are gone."""
        known = {suite: told for suite, told in kept.read(FILE).items() if exists(suite)}
        known[self.suite] = known.get(self.suite, {}) | states
        kept.write(FILE, known)


def exists(suite):
    return all(Path(path).exists() for path in suite.split("\n"))
