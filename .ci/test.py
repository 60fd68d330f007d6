#!/usr/bin/env python3
"""Build and run the tests of a build folder and count the single tests in them.

    test.py BUILD [--wrapper COMMAND] [--timeout-factor N] [NAME...]

A NAME is a test program (with or without _test), a suite, or a pattern. The last line is
`N passed, N failed`. A program that ends in another way than by a failed test (crash, leak,
time limit, fewer results than announced) counts as one failure more.
"""

import argparse
import difflib
import fnmatch
import glob
import json
import os
import re
import subprocess
import sys

GOOD_RESULTS = ("OK", "EXPECTEDFAIL", "SKIP")
RESULT_LINE = re.compile(r"^(not )?ok\b[ \d]*-? ?(.*)$")
PLAN_LINE = re.compile(r"^1\.\.(\d+)")


def finish(passed, failed):
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


def all_tests(build):
    with open(os.path.join(build, "meson-info", "intro-tests.json"), encoding="utf-8") as file:
        tests = json.load(file)
    names = sorted(test["name"] for test in tests)
    for name, after in zip(names, names[1:]):
        if name == after:  # Meson is given names, without the suite
            sys.exit(f"two tests are named {name}")
    return tests


def suites(test):
    return [suite.split(":")[-1] for suite in test["suite"]]


def matches(test, wanted):
    name = test["name"]
    patterns = (wanted, wanted + "_test")
    return wanted in suites(test) or any(fnmatch.fnmatch(name, p) for p in patterns)


def select(tests, names):
    chosen = []
    for wanted in names:
        wanted = re.sub(r"\.c$", "", os.path.basename(wanted))
        found = [test for test in tests if matches(test, wanted)]
        if not found and wanted not in ("state", "testkit"):
            known = {test["name"] for test in tests} | {s for t in tests for s in suites(t)}
            close = difflib.get_close_matches(wanted, known, 3, 0.4)
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            print(f"no test named {wanted}{hint}", file=sys.stderr)
            sys.exit(2)
        chosen += [test for test in found if test not in chosen]
    return chosen


def build_targets(build, chosen, everything):
    """Build what the chosen tests need, or all. Only ninja knows whether that fails."""
    targets = []
    if not everything:
        root = os.path.realpath(build)
        with open(os.path.join(build, "meson-info", "intro-targets.json"), encoding="utf-8") as file:
            files = {target["id"]: target["filename"] for target in json.load(file)}
        for test in chosen:
            needed = [name for target in test.get("depends", []) for name in files.get(target, [])]
            for part in test["cmd"] + needed:
                path = os.path.realpath(os.path.join(root, part))
                is_file = os.path.isabs(part) or ".so" in part  # others are words and options
                if is_file and path.startswith(root + os.sep):
                    targets.append(os.path.relpath(path, root))
    return subprocess.run(["ninja", "-C", build, *targets], stdout=sys.stderr).returncode == 0


def run(build, chosen, everything, options):
    logs = os.path.join(build, "meson-logs", "dev-test*.json")  # meson adds the wrapper's name
    for log in glob.glob(logs):
        os.remove(log)
    command = ["meson", "test", "-C", build, "--no-rebuild", "--logbase", "dev-test"]
    if options.wrapper:
        command += ["--wrapper", options.wrapper]
    if options.timeout_factor:
        command += ["--timeout-multiplier", str(options.timeout_factor)]
    if not everything:
        command += sorted({test["name"] for test in chosen})
    sys.stdout.flush()
    status = subprocess.run(command).returncode
    if not glob.glob(logs):
        print("meson test left no log", file=sys.stderr)
        finish(0, 1)
    with open(glob.glob(logs)[0], encoding="utf-8", errors="replace") as file:
        return status, [json.loads(line) for line in file if line.strip()]


class Outcome:
    """The single tests of one test program."""

    def __init__(self, entry):
        self.entry = entry
        self.passed = 0
        self.failures = []
        planned = plans = 0
        for line in entry.get("stdout", "").splitlines():
            result, plan = RESULT_LINE.match(line), PLAN_LINE.match(line)
            if result and result.group(1):
                self.failures.append(result.group(2))
            elif result and "# SKIP" not in line:
                self.passed += 1
            elif plan:
                planned += int(plan.group(1))
                plans += 1
        self.check_process(planned, plans)

    def check_process(self, planned, plans):
        code = self.entry.get("returncode", 0)
        good = self.entry["result"] in GOOD_RESULTS
        results = self.passed + len(self.failures)
        if good and not planned and not results:
            self.passed = 1  # a test without TAP: the exit status is its one result
        elif self.entry["result"] == "TIMEOUT":
            self.failures.append("(program: time limit)")
        elif code < 0:
            self.failures.append(f"(program: ended by signal {-code})")
        elif not good and plans > 1:
            self.failures.append("(program: more than one cmocka_run_group_tests)")
        elif not good and results < planned:
            self.failures.append(f"(program: {planned} tests announced, {results} reported)")
        elif not good and not self.failures:
            self.failures.append(f"(program: {self.entry['result']}, exit status {code})")


def report(outcome):
    entry = outcome.entry
    print(f"\n=== {entry['name']}: {entry['result']}, exit status {entry.get('returncode')}")
    for stream in ("stdout", "stderr"):
        text = entry.get(stream, "").strip("\n")
        if text:
            print(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--wrapper")
    parser.add_argument("--timeout-factor", type=int)
    parser.add_argument("names", nargs="*")
    options = parser.parse_intermixed_args()

    tests = all_tests(options.build)
    everything = not options.names
    chosen = tests if everything else select(tests, options.names)
    if not build_targets(options.build, chosen, everything):
        print("the build failed")
        finish(0, 1)
    if not chosen:
        print("there are no such tests yet")
        finish(0, 0)

    status, entries = run(options.build, chosen, everything, options)
    outcomes = [Outcome(entry) for entry in entries]
    failed = [outcome for outcome in outcomes if outcome.failures]
    for outcome in failed:
        report(outcome)
    if failed:
        print("\nfailed:")
        for outcome in failed:
            for name in outcome.failures:
                print(f"  {outcome.entry['name']}: {name}")
    count = sum(len(outcome.failures) for outcome in failed)
    missing = len(chosen) - len(outcomes)
    if missing > 0:
        print(f"{missing} test programs were not run")
        count += missing
    if status and not count:
        print(f"meson test ended with status {status}")
        count = 1
    finish(sum(outcome.passed for outcome in outcomes), count)


if __name__ == "__main__":
    main()
