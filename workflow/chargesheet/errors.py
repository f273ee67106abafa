"""Errors that are meant for the user."""


class UserError(Exception):
    """Something the user can mend: the message says what is wrong, where, and what to do.

    The command line prints the message alone, without a traceback, and exits with status 1.
    """
