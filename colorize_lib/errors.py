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


#: In what torch and the C++ below it say then, in small letters.
_NO_MEMORY = ("out of memory", "can't allocate memory", "bad_alloc")


def memory_ran_out(error: BaseException) -> bool:
    """Whether that is what Python or torch says when there is no more memory, in the machine or on the GPU."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(words in said for words in _NO_MEMORY)
