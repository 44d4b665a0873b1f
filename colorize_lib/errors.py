"""The one exception for mistakes that a user can make and mend."""


class InputError(ValueError):
    """Something from outside is wrong: a file, a name, a number, the network, the disk.

    The message is one sentence that says what is wrong and what to do. The command line prints it
    without a traceback and exits with status 2.
    """

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message  # fastai writes a preamble into the args of what its callbacks raise
