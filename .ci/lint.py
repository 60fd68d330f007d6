#!/usr/bin/env python3
"""Check the sources.

    lint.py BUILD [STEP...]

format   clang-format would change nothing
shell    shellcheck finds nothing
headers  every public header compiles alone, as C11 and as C++17, by gcc and by clang
floors   a folder cannot include headers of a higher floor: proved with the include paths that
         the build really uses
text     banned calls, includes that climb folders, third-party headers where they do not belong
size     a report of long files and functions, never an error
tidy     clang-tidy on the sources without tests; unchanged files are not checked again
"""

import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

WORKERS = os.cpu_count() or 1
BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "atoi", "gets", "alloca")
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
TIDY_CACHE = ".build/tidy"

STANDARD_HEADERS = set(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal"
    " stdalign stdarg stdbool stddef stdint stdio stdlib string tgmath time uchar wchar"
    " wctype".split()
)
# Headers of libraries, and the folders whose .c files may include them.
THIRD_PARTY = {
    r"uv\.h": ("framework", "queries", "testkit", "samples", "bench", "fuzz"),
    r"sqlite3(ext)?\.h": ("queries", "bench"),
    r"curl/.*": ("queries", "bench"),
    r"glib.*|gio/.*": ("framework/glib", "samples", "bench"),
    r"jansson\.h": ("state", "bench"),
    r"cmocka\.h": ("testkit",),
}


def run_parallel(function, items):
    """The non-empty results of function(item), in order."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return [result for result in pool.map(function, items) if result]


def source_files(*endings):
    found = []
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "build")
        found += [
            os.path.relpath(os.path.join(folder, name))
            for name in sorted(names)
            if name.endswith(endings)
        ]
    return found


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_comments_and_strings(text):
    """The same text with comments and literals blanked; lines keep their numbers."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, blank, text, flags=re.S)


# --- public headers and floors ----------------------------------------------------------------


def include_folders():
    """Every folder of public headers: state/include, queries/sqlite/include, ..."""
    found = glob.glob("*/include/atrium") + glob.glob("*/*/include/atrium")
    return sorted(os.path.dirname(path) for path in found)


def allowed_includes(path):
    """The folders of public headers that a source file may see."""
    top, _, rest = path.partition("/")
    room = top + "/" + rest.split("/")[0]
    lower = ["state/include", "framework/include"]
    own = [f"{top}/include", f"{room}/include"]
    by_top = {
        "state": lower[:1],
        "framework": lower + own,
        "queries": lower + own,
        "testkit": lower + own,
    }
    allowed = by_top.get(top, include_folders())
    return [folder for folder in include_folders() if folder in allowed]


def public_headers():
    return [
        (folder, "atrium/" + os.path.basename(path))
        for folder in include_folders()
        for path in sorted(glob.glob(folder + "/atrium/*.h"))
    ]


def compile_text(command, text):
    return subprocess.run(
        [*command, "-fsyntax-only", "-"], input=text, capture_output=True, text=True
    )


def check_headers():
    dialects = [
        [compiler, "-x", language, "-std=" + standard]
        for language, standard, compilers in (
            ("c", "c11", ("gcc", "clang")),
            ("c++", "c++17", ("g++", "clang++")),
        )
        for compiler in compilers
    ]

    def check(job):
        (folder, header), dialect = job
        includes = ["-I" + f for f in allowed_includes(folder + "/" + header)]
        command = [*dialect, "-Wall", "-Wextra", "-Werror", "-pedantic", *includes]
        text = f"#include <{header}>\n#include <{header}>\nextern int not_empty;\n"
        result = compile_text(command, text)
        return result.returncode and f"{header} alone, {' '.join(dialect)}:\n{result.stderr}"

    return run_parallel(check, [(h, d) for h in public_headers() for d in dialects])


def include_paths(entry):
    """The -I folders of one entry of compile_commands.json, relative to here."""
    words = shlex.split(entry["command"])
    folders = [word[2:] for word in words if word.startswith("-I")]
    return tuple(os.path.relpath(os.path.join(entry["directory"], f)) for f in folders)


def check_floors(build):
    jobs = {}
    for entry in json.loads(read(build + "/compile_commands.json")):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]))
        if path.split("/")[0] in ("state", "framework", "queries", "testkit"):
            jobs[(os.path.dirname(path), include_paths(entry))] = allowed_includes(path)

    def check(job):
        (folder, paths), allowed = job
        problems = []
        command = ["gcc", "-x", "c", "-std=c11", "-D_POSIX_C_SOURCE=200809L", *["-I" + p for p in paths]]
        for home, header in public_headers():
            result = compile_text(command, f"#include <{header}>\nextern int not_empty;\n")
            if home in allowed and home in paths and result.returncode:
                problems.append(f"{folder}: cannot include <{header}>:\n{result.stderr}")
            elif home not in allowed and result.returncode == 0:
                problems.append(f"{folder}: a file here can include <{header}> of a higher floor")
            elif home not in allowed and f"{header}: No such file" not in result.stderr:
                problems.append(f"{folder}: <{header}> fails otherwise:\n{result.stderr}")
        return "\n".join(problems)

    return run_parallel(check, jobs.items())


# --- text ---------------------------------------------------------------------------------------


def third_party_problem(path, header):
    public = "/include/atrium/" in path
    tests = "/tests/" in path
    if public:
        name = header.removesuffix(".h")
        good = header.startswith("atrium/") or name in STANDARD_HEADERS
        return None if good else f"a public header includes <{header}>"
    for pattern, folders in THIRD_PARTY.items():
        if re.fullmatch(pattern, header) and not path.startswith(folders):
            if pattern == r"cmocka\.h" and tests:
                continue
            return f"<{header}> may be included in {', '.join(folders)} only"
    return None


def check_text():
    banned = re.compile(r"\b(" + "|".join(BANNED) + r")\s*\(")
    climbing = re.compile(r'^\s*#\s*include\s*"(\.\./|[^"]*/\.\./)')
    include = re.compile(r"^\s*#\s*include\s*[<\"]([^>\"]+)[>\"]")
    problems = []
    for path in source_files(".c", ".h"):
        raw = read(path)
        code = without_comments_and_strings(raw).splitlines()
        for number, (line, bare) in enumerate(zip(raw.splitlines(), code), 1):
            where = f"{path}:{number}: "
            call = banned.search(bare)
            if call:
                problems.append(f"{where}{call.group(1)} is banned")
            if not bare.lstrip().startswith("#"):
                continue
            if climbing.search(line):
                problems.append(where + "an include climbs folders")
            included = include.search(line)
            problem = included and third_party_problem(path, included.group(1))
            if problem:
                problems.append(where + problem)
    return problems


def long_functions(path):
    """Functions are found by form: clang-format puts their braces in the first column."""
    start = None
    for number, line in enumerate(read(path).splitlines(), 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > MAX_FUNCTION_LINES:
                yield f"{path}:{start}: a function of {number - start - 1} lines"
            start = None


def report_size():
    for path in source_files(".c", ".h"):
        count = read(path).count("\n")
        if count > MAX_FILE_LINES:
            print(f"{path}: a file of {count} lines")
        for line in long_functions(path):
            print(line)
    return []


# --- tools --------------------------------------------------------------------------------------


def check_format():
    def check(path):
        command = ["clang-format", "--dry-run", "-Werror", path]
        result = subprocess.run(command, capture_output=True, text=True)
        if not result.returncode:
            return None
        lines = result.stderr.count("[-Wclang-format-violations]")
        return f"{path}: {lines} places are formatted otherwise (./dev format mends this)"

    return run_parallel(check, source_files(".c", ".h"))


def check_shell():
    scripts = ["dev", ".ci/run", ".ci/consumer/check"]
    result = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True)
    return [result.stdout] if result.returncode else []


def fingerprint(entry):
    """A hash of all that clang-tidy would see of one source file."""
    words = [w for w in shlex.split(entry["command"]) if not w.startswith("-M")]
    output = words.index("-o")
    del words[output : output + 2]
    words[0] = "clang"
    words[words.index("-c")] = "-E"
    result = subprocess.run(words, cwd=entry["directory"], capture_output=True)
    if result.returncode:
        return None
    return hashlib.sha256(result.stdout + read(".clang-tidy").encode()).hexdigest()


def check_tidy(build):
    entries = {}
    for entry in json.loads(read(build + "/compile_commands.json")):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]))
        if "/tests/" not in path and os.path.exists(path):
            entries[path] = entry
    os.makedirs(TIDY_CACHE, exist_ok=True)

    def check(item):
        path, entry = item
        mark = fingerprint(entry)
        known = mark and os.path.join(TIDY_CACHE, mark)
        if known and os.path.exists(known):
            return None
        command = ["clang-tidy", "--quiet", "-p", build, path]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            return result.stdout or result.stderr
        if known:
            open(known, "w", encoding="utf-8").close()
        return None

    return run_parallel(check, entries.items())


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = sys.argv[1]
    steps = {
        "format": check_format,
        "shell": check_shell,
        "headers": check_headers,
        "floors": lambda: check_floors(build),
        "text": check_text,
        "size": report_size,
        "tidy": lambda: check_tidy(build),
    }
    unknown = [name for name in sys.argv[2:] if name not in steps]
    if unknown:
        sys.exit(f"lint: no step named {unknown[0]}; there are: {' '.join(steps)}")
    count = 0
    for name in sys.argv[2:] or steps:
        begin = time.monotonic()
        problems = steps[name]()
        for problem in problems:
            print(problem.rstrip())
        verdict = f"{len(problems)} problems" if problems else "ok"
        print(f"lint {name}: {verdict} ({time.monotonic() - begin:.1f} s)", flush=True)
        count += len(problems)
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
