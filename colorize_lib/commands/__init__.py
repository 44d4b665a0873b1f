"""The command line: one module a command, with ``parser()`` and ``run(args)``. Imports all but pages and exercises."""
