"""What a picture needs in memory, in bytes a pixel: measured in a process of its own."""

import subprocess
import sys

_CODE = """
import resource, sys
{prepare}

def peak(side):
    {call}
    try:  # what the kernel counts anew for a new program, unlike ru_maxrss, which starts from its parent's
        with open("/proc/self/status") as status:
            return 1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

small, large = peak({small}), peak({large})
print((large - small) / ({large}**2 - {small}**2))
"""


def bytes_a_pixel(prepare: str, call: str, small: int, large: int) -> float:
    """By how much the peak grows from a picture of ``small`` x ``small`` pixels to a large one.

    ``prepare`` is code, and ``call`` code that does it for ``side`` pixels.
    """
    code = _CODE.format(prepare=prepare, call=call, small=small, large=large)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout)
