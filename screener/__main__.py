"""The command `screener`. Imports nothing until it is called, so that starting costs what the command needs and no more."""


def main() -> None:
    """Run the command line; ends with exit code 0 (done), 1 (not done, or errors found) or 2 (not understood)."""
    from screener.cli.program import program

    program(prog_name="screener")


if __name__ == "__main__":
    main()
