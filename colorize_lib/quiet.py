"""fastai, imported without the warnings about its own code: nothing that a reader could mend.

A module that imports from fastai imports this one before, else the first cell of a notebook opens with a red box.
"""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", ".*torch.jit.script.*")
    warnings.filterwarnings("ignore", ".*mode.chained_assignment.*")
    import fastai.basics  # noqa: F401
