#!/bin/sh
# Prints the first Python that can make the virtual environment, or says what is missing.
fit='import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))'
for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$fit" >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done
echo "planner needs Python 3.11 or newer, with the module venv, and found none as" \
    "${PYTHON:-python3.11 to python3.14, python3 or python}." >&2
echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv)," \
    "or name it: make PYTHON=/path/to/python3" >&2
exit 1
