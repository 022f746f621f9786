"""No rules."""


def check_new_password(password, _name):
    return password
