"""Build it yourself: the promises of the lessons, asked of the learner's own API over the wire."""
