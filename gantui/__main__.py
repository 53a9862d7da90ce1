"""`python -m gantui`."""

from gantui.cli.app import main

main()
