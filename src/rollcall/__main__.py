"""`python -m rollcall` is the `rollcall` command."""

from rollcall.cli import main

if __name__ == "__main__":
    main()
