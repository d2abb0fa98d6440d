"""The command `screener`. Imports nothing until it is called, so that starting costs what the command needs and no more."""


def main() -> None:
    """Run the command line; ends with exit code 0 (done), 1 (not done, or errors found) or 2 (not understood)."""
    import io
    import signal
    import sys

    if sys.argv[1:2] == ["run"]:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a reload in the first seconds: the start reads the rules anyway

    from screener.cli.program import program

    for stream in (sys.stdout, sys.stderr):
        # A terminal or file that cannot show a character gets its escape: half a table helps nobody.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    program(prog_name="screener")


if __name__ == "__main__":
    main()
