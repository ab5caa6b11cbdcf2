"""The ``tilewright`` command: what ``pip`` installs under that name, and ``python -m tilewright``."""

import sys

from tilewright import _core


def main() -> None:
    """Run the command line of this process and leave with its exit code: 0 done, 1 a check failed, 2 error."""
    sys.exit(_core.command(["tilewright", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
