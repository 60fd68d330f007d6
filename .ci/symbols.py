#!/usr/bin/env python3
"""Compare the symbols that a shared library exports with the list kept in .ci/symbols/, and see that bits
are counted in place: the functions that compilers call where a processor cannot are slow.

    symbols.py check NM LIBRARY LIST    print two TAP lines; a difference is a failed test
    symbols.py write-all BUILD          rewrite the lists of all libraries of a build folder
"""

import json
import os
import re
import subprocess
import sys

LINKER_SYMBOLS = {"_init", "_fini", "_edata", "_end", "__bss_start"}


def exported(nm, library):
    output = subprocess.run(
        [nm, "-D", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    names = {line.split()[-1].split("@")[0] for line in output.splitlines() if line.strip()}
    return sorted(names - LINKER_SYMBOLS)


def counting_calls(nm, library):
    output = subprocess.run([nm, library], check=True, capture_output=True, text=True).stdout
    return sorted(set(re.findall(r"\b__popcount\w*", output)))


def check(nm, library, path):
    actual = exported(nm, library)
    listed = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            listed = file.read().split()
    added = [name for name in actual if name not in set(listed)]
    removed = [name for name in listed if name not in set(actual)]
    of = os.path.basename(path).replace(".txt", "")
    print("1..2")
    same = not added and not removed
    print(f"{'ok' if same else 'not ok'} 1 - exported_symbols_of_{of}")
    for symbol in added:
        print(f"# exported, but not in the list: {symbol}")
    for symbol in removed:
        print(f"# in the list, but not exported: {symbol}")
    if not same:
        print("# If this is meant, run ./dev symbols and commit .ci/symbols/.")
    calls = counting_calls(nm, library)
    print(f"{'not ok' if calls else 'ok'} 2 - bits_are_counted_in_place_in_{of}")
    for symbol in calls:
        print(f"# linked: {symbol}; see state/bits.h")
    return 0 if same and not calls else 1


def write_all(build):
    with open(os.path.join(build, "meson-info", "intro-tests.json"), encoding="utf-8") as file:
        tests = json.load(file)
    for test in tests:
        if not test["name"].startswith("symbols_"):
            continue
        nm, library, path = test["cmd"][-3:]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(name + "\n" for name in exported(nm, os.path.join(build, library)))
        print(os.path.relpath(path))
    return 0


def main():
    arguments = sys.argv[1:]
    if len(arguments) == 4 and arguments[0] == "check":
        return check(*arguments[1:])
    if len(arguments) == 2 and arguments[0] == "write-all":
        return write_all(arguments[1])
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
