"""What the tests of 6.5 draw their examples from; the same ones in each run, and everywhere."""

import atexit
from tempfile import TemporaryDirectory

import schemathesis.generation.hypothesis.builder  # noqa: F401 (it is what blanks all examples)
from hypothesis import Phase, configuration, core, settings
from hypothesis import strategies as st
from hypothesis.vendor import pretty

core.RepresentationPrinter = pretty.RepresentationPrinter  # so that an example has its values again

# A test that fails today must fail tomorrow: nothing is drawn by chance, or kept between two runs.
EXAMPLES = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    phases=set(Phase) - {Phase.explain},  # to guess at lines takes minutes, and finds SQLAlchemy's
)
FEW_EXAMPLES = settings(EXAMPLES, max_examples=15)

folder = TemporaryDirectory(prefix="hypothesis-")  # for tables of Unicode that it would keep here
atexit.register(folder.cleanup)
configuration.set_hypothesis_home_dir(folder.name)

# All but halves of characters. (To ask for codec="utf-8" says the same, and takes a second longer.)
letters = st.characters(exclude_categories=["Cs"])
visible = st.text(letters.filter("\0".__ne__), min_size=1, max_size=300).filter(str.strip)
years = st.integers(1888, 2100)
runtimes = st.integers(1, 100_000)
imdb_ids = st.none() | st.integers(0, 99_999_999).map("tt{:07}".format)
members = {"title": visible, "director": visible, "year": years, "runtime": runtimes}
movies = st.fixed_dictionaries(members, optional={"imdb_id": imdb_ids})
watchlists = st.fixed_dictionaries(
    {"title": visible},
    optional={
        "movies": st.lists(st.integers(1, 3), unique=True),
        "private": st.booleans(),
    },
)


def objects(names, values):
    """Draw JSON objects with these names and values."""
    return st.dictionaries(names, values, max_size=4)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(letters, max_size=5),
    lambda inner: st.lists(inner, max_size=3) | objects(st.text("abc", max_size=2), inner),
    max_leaves=8,
)


def patches(whole, *removable):
    """Draw merge patches: some members of something whole, and null for some others."""
    nothing = st.dictionaries(st.sampled_from([*removable, "stars"]), st.none())
    some = whole.flatmap(
        lambda values: st.sets(st.sampled_from(list(values))).map(
            lambda names: {name: values[name] for name in names}
        )
    )
    return st.builds(lambda one, other: one | other, some, nothing)
