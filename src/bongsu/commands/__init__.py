"""What the command line does, one module a command; `cli.py` reads the arguments and picks one.

Modules here import the rest of Bongsu inside their functions: `bongsu --version` and `--check-deps` work
while packages are missing.
"""
