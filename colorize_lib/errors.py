"""The one exception for mistakes that a user can make and mend."""


class InputError(ValueError):
    """Something from outside is wrong: a file, a name, a number, the network, the disk.

    The message is one sentence that says what is wrong and what to do. The command line prints it
    without a traceback and exits with status 2.
    """
