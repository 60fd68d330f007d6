#!/usr/bin/env python3
"""Check the documentation: compile its C snippets, run its programs, follow its links.

    snippets.py BUILD

Every fenced block marked `c` of README.md and docs/ is compiled against the public headers. A
block with `int main(` is built as a program and run, in an empty folder, with a time limit; it
must exit with 0. Any other is checked as a set of declarations. Comments directly before the
fence say more, several of them joined by `;`:

    <!-- snippet: name todo_model -->       others can refer to this block
    <!-- snippet: after todo_model -->      put these blocks before it (and what those are after);
                                            file.md#name for a block of another file
    <!-- snippet: body -->                  wrap it in a function
    <!-- snippet: body (atr_finish *f) -->  ... with these parameters
    <!-- snippet: wrong -->                 it must not compile
    <!-- snippet: output -->                the program must print the next block, marked `text`
    <!-- snippet: exit 1 -->                the program must exit with 1

Includes inside a body are moved to the front of it.

The blocks of one page may also be the files of one project, and a session in a terminal:

    <!-- snippet: file src/todo.c -->       before a block of any mark: write it to this file; a
                                            second block of that name is appended
    <!-- snippet: console -->               before a block marked `console`: run each line that
                                            begins with `$ ` in the folder of those files; it must
                                            print the lines below it and exit with 0

The libraries of BUILD are installed for that, in a folder where pkg-config finds them. In expected output `...` stands for any
text, and alone in a line for any lines.

Of every Markdown file, each relative link must lead to a file, and each anchor to a heading.
"""

import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile

FLAGS = (
    "-std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -Wno-unused-parameter"
    " -Wno-unused-variable -Wno-unused-but-set-variable -Wno-unused-function"
    " -Wno-missing-field-initializers"
).split()
PACKAGES = ("libuv", "sqlite3", "cmocka")
PROGRAM_SECONDS = 20
COMMAND_SECONDS = 120

FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})\s*([^`]*)$")
DIRECTIVE = re.compile(r"<!--\s*snippet:\s*(.*?)\s*-->")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)")
EXTERNAL = re.compile(r"^[a-z][a-z0-9+.-]*:", re.I)


class Snippet:
    def __init__(self, path, line, mark, text, directives):
        self.path, self.line, self.mark, self.text = path, line, mark, text
        self.name, self.after, self.body = None, [], None
        self.wrong, self.exit, self.wants_output, self.output = False, 0, False, None
        self.file, self.console = None, False
        for directive in directives:
            for part in directive.split(";"):
                self.read_directive(part.strip())
        good = {"c": not self.console, "console": self.console}.get(mark, False)
        if not good and not self.file:
            raise ValueError(f"{path}:{line}: a snippet comment before a block marked '{mark}'")

    def read_directive(self, part):
        word, _, rest = part.partition(" ")
        rest = rest.strip()
        if word == "name" and rest:
            self.name = rest
        elif word == "after" and rest:
            self.after += [name for name in re.split(r"[\s,]+", rest) if name]
        elif word == "body":
            self.body = rest.strip("()") or "void"
        elif word == "file" and rest:
            self.file = rest
        elif word == "exit" and rest.isdigit():
            self.exit = int(rest)
        elif part in ("wrong", "console"):
            setattr(self, part, True)
        elif part == "output":
            self.wants_output = True
        else:
            raise ValueError(f"{self.path}:{self.line}: no snippet directive '{part}'")

    def key(self):
        return f"{self.path}#{self.name}"

    def is_program(self):
        return re.search(r"\bint\s+main\s*\(", self.text)

    def code(self):
        if self.body is None:
            return f'#line {self.line} "{self.path}"\n{self.text}'
        includes, rest = [], []
        for line in self.text.splitlines():
            is_include = re.match(r"\s*#\s*include\b", line)
            (includes if is_include else rest).append(line)
            if is_include:
                rest.append("")
        front = "\n".join(includes)
        inner = "\n".join(rest)
        return (
            f"{front}\nstatic void snippet_at_line_{self.line}({self.body})\n{{\n"
            f'#line {self.line} "{self.path}"\n{inner}\n}}\n'
        )


def read_markdown(path):
    """The snippets of a file, and its lines with code blanked."""
    snippets, prose, directives = [], [], []
    fence = info = None
    block, start = [], 0
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        match = FENCE.match(line)
        if fence is None and match:
            indent, fence, info = len(match.group(1)), match.group(2), match.group(3).strip()
            block, start = [], number + 1
            prose.append("")
        elif fence and match and match.group(2).startswith(fence) and not match.group(3).strip():
            mark, text = info.split()[0] if info else "", "\n".join(block) + "\n"
            if directives or mark == "c":
                snippets.append(Snippet(path, start, mark, text, directives))
            elif mark == "text" and snippets and snippets[-1].wants_output:
                snippets[-1].output, snippets[-1].wants_output = text, False
            fence, directives = None, []
            prose.append("")
        elif fence:
            block.append(line[indent:] if line[:indent].isspace() else line)
            prose.append("")
        else:
            found = DIRECTIVE.findall(line)
            if found:
                directives += found
            elif line.strip() and directives:
                raise ValueError(f"{path}:{number}: a snippet comment without a snippet")
            prose.append(re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "``", line))
    if fence:
        raise ValueError(f"{path}:{start}: a fence is not closed")
    for snippet in snippets:
        if snippet.wants_output:
            raise ValueError(f"{path}:{snippet.line}: output: no block marked text follows")
    return snippets, lines, prose


# --- snippets -----------------------------------------------------------------------------------


def with_predecessors(snippet, named, seen):
    """The snippet's code behind that of all it comes after, each once."""
    code = []
    for name in snippet.after:
        key = name if "#" in name else f"{snippet.path}#{name}"
        if "#" in name and not os.path.exists(name.split("#")[0]):
            folder = os.path.dirname(snippet.path)
            file, _, label = name.partition("#")
            key = os.path.normpath(os.path.join(folder, file)) + "#" + label
        if key not in named:
            raise ValueError(f"{snippet.path}:{snippet.line}: after: no snippet named {name}")
        if key not in seen:
            seen.add(key)
            code.append(with_predecessors(named[key], named, seen))
    return "".join(code) + snippet.code()


def pkg_config(option):
    output = []
    for package in PACKAGES:
        command = ["pkg-config", option, package]
        result = subprocess.run(command, capture_output=True, text=True)
        output += result.stdout.split() if result.returncode == 0 else []
    return output


class Compiler:
    def __init__(self, build):
        folders = glob.glob("*/include/atrium") + glob.glob("*/*/include/atrium")
        self.compile = [os.environ.get("CC", "cc"), *FLAGS, *pkg_config("--cflags")]
        self.compile += ["-I" + os.path.dirname(folder) for folder in sorted(folders)]
        libraries = glob.glob(f"{build}/**/libatrium*.so", recursive=True)
        folders = sorted({os.path.abspath(os.path.dirname(lib)) for lib in libraries})
        self.link = ["-Wl,--as-needed"] + sorted(libraries) * 2 + pkg_config("--libs")
        self.link += [f"-Wl,-rpath,{folder}" for folder in folders]

    def check(self, snippet, code):
        """None, or what is wrong with the snippet."""
        with tempfile.TemporaryDirectory() as folder:
            program = folder + "/program"
            if snippet.is_program():
                end = ["-x", "c", "-", "-x", "none", *self.link, "-o", program]
            else:
                end = ["-fsyntax-only", "-x", "c", "-"]
                code += "\nextern int not_empty;\n"
            result = subprocess.run([*self.compile, *end], input=code, capture_output=True, text=True)
            where = f"{snippet.path}:{snippet.line}: the snippet "
            if snippet.wrong:
                return None if result.returncode else where + "compiles, but should not"
            if result.returncode:
                return f"{where}does not compile:\n{result.stderr}"
            return snippet.is_program() and self.check_run(snippet, program, where)

    def check_run(self, snippet, program, where):
        os.mkdir(program + ".d")
        code, output, errors = run([program], PROGRAM_SECONDS, cwd=program + ".d")
        if code != snippet.exit:
            return f"{where}exits with {code}:\n{output}{errors}"
        if snippet.output is not None and not fits(snippet.output, output):
            return f"{where}prints:\n{output}{errors}"
        return None


def run(command, seconds, **options):
    """Exit status, stdout and stderr of a command; status None: it took too long."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        start_new_session=True,
        **options,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
        return process.returncode, output, errors or ""
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        return None, output, (errors or "") + f"(stopped after {seconds} seconds)\n"


def fits(expected, actual):
    """Whether a text is as expected; `...` stands for any text, alone in a line for any lines."""
    pattern = ""
    for line in expected.splitlines():
        parts = [re.escape(part.rstrip()) for part in line.split("...")]
        pattern += r"(?:[^\n]*\n)*?" if line.strip() == "..." else "[^\n]*".join(parts) + r"[ \t]*\n"
    return re.fullmatch(pattern, actual if actual.endswith("\n") or not actual else actual + "\n")


# --- projects -----------------------------------------------------------------------------------


def commands_of(session):
    """Of a session in a terminal: line number, command and expected output of each command."""
    found = []
    for number, line in enumerate(session.text.splitlines(), session.line):
        if line.startswith("$ "):
            found.append([number, line[2:], ""])
        elif found and found[-1][1].endswith("\\") and not found[-1][2]:
            found[-1][1] += "\n" + line
        elif found:
            found[-1][2] += line + "\n"
    return found


def install(build, stage):
    """Install the build into a folder. The environment in which it is found."""
    command = ["meson", "install", "-C", build, "--destdir", stage, "--no-rebuild", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    packages = glob.glob(stage + "/**/pkgconfig/*.pc", recursive=True)
    for package in packages:
        with open(package, encoding="utf-8") as file:
            text = file.read()
        with open(package, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^prefix=", "prefix=" + stage, text, flags=re.M))
    folder = os.path.dirname(packages[0])
    libraries = os.path.dirname(folder)
    return dict(os.environ, PKG_CONFIG_PATH=folder, LD_LIBRARY_PATH=libraries, LC_ALL="C.UTF-8")


def check_project(environment, snippets):
    """What is wrong with the files and sessions of one page."""
    files = [snippet for snippet in snippets if snippet.file]
    sessions = [snippet for snippet in snippets if snippet.console]
    if files and not sessions:
        yield f"{files[0].path}:{files[0].line}: a file, but no session that uses it"
    with tempfile.TemporaryDirectory() as folder:
        for snippet in files:
            path = os.path.join(folder, snippet.file)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                file.write(snippet.text)
        for number, command, expected in (c for session in sessions for c in commands_of(session)):
            code, output, _ = run(
                ["bash", "-c", command],
                COMMAND_SECONDS,
                cwd=folder,
                env=environment,
                stderr=subprocess.STDOUT,
            )
            if code or not fits(expected, output):
                yield f"{sessions[0].path}:{number}: the command exits with {code}, and prints:\n{output}"
                return


def check_snippets(build, snippets):
    named, problems, jobs = {}, [], []
    for snippet in snippets:
        if snippet.name and snippet.key() in named:
            problems.append(f"{snippet.path}:{snippet.line}: a second snippet {snippet.name}")
        named[snippet.key()] = snippet
    for snippet in snippets:
        if snippet.file or snippet.console:
            continue
        try:
            jobs.append((snippet, with_predecessors(snippet, named, {snippet.key()})))
        except ValueError as error:
            problems.append(str(error))
    pages = {snippet.path: [] for snippet in snippets if snippet.file or snippet.console}
    for snippet in snippets:
        if snippet.path in pages:
            pages[snippet.path].append(snippet)
    compiler = Compiler(build)
    with tempfile.TemporaryDirectory() as stage, concurrent.futures.ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda job: compiler.check(*job), jobs))
        environment = install(build, stage) if pages else {}
        found += pool.map(lambda page: "\n".join(check_project(environment, page)), pages.values())
    problems += filter(None, found)
    return problems


# --- links --------------------------------------------------------------------------------------


def slug(heading):
    """The anchor that a heading gets on the usual forges."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"<[^>]+>", "", text).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(lines, prose):
    found, counts = set(), {}
    for line, plain in zip(lines, prose):
        found.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", plain))
        heading = re.match(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$", line) if plain else None
        if heading:
            name = slug(heading.group(1))
            count = counts.get(name, 0)
            counts[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
    return found


def links(prose):
    for number, line in enumerate(prose, 1):
        for target in LINK.findall(line) + REFERENCE.findall(line):
            if not EXTERNAL.match(target) and not target.startswith("//"):
                yield number, target


def check_links(path, prose, anchors_of):
    problems, count = [], 0
    for number, target in links(prose):
        count += 1
        file, _, anchor = target.partition("#")
        full = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
        if file.startswith("/") or full.startswith(".."):
            problems.append(f"{path}:{number}: {target} leaves the project")
        elif not os.path.exists(full):
            problems.append(f"{path}:{number}: {target} does not exist")
        elif anchor and full in anchors_of and anchor not in anchors_of[full]:
            problems.append(f"{path}:{number}: {target}: no such heading")
    return problems, count


def markdown_files():
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(f for f in folders if f not in ("build", ".git", ".build"))
        for name in sorted(names):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(folder, name))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    snippets, files, problems = [], {}, []
    for path in markdown_files():
        try:
            found, lines, prose = read_markdown(path)
        except ValueError as error:
            problems.append(str(error))
            continue
        files[path] = (lines, prose)
        if path == "README.md" or path.startswith("docs/"):
            snippets += found

    problems += check_snippets(sys.argv[1], snippets)
    anchors_of = {path: anchors(*content) for path, content in files.items()}
    link_count = 0
    for path, (_, prose) in files.items():
        found, count = check_links(path, prose, anchors_of)
        problems += found
        link_count += count

    for problem in problems:
        print(problem.rstrip())
    print(f"docs: {len(snippets)} snippets, {link_count} links, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
