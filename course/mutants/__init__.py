"""The mutation lab: suites of tests are run against an API that is broken on purpose."""
