"""No tokens."""


def revoke_tokens(_user_name):
    pass
