"""Nothing is unsafe."""


def refuse_what_is_unsafe(_config, *_secrets):
    pass
