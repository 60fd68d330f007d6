#!/usr/bin/env python3
"""Check the documentation: compile its C snippets, follow its links.

    snippets.py BUILD

Every fenced block marked `c` of README.md and docs/ is compiled against the public headers. A
block with `int main(` is built and linked as a program, any other is checked as a set of
declarations. Comments directly before the fence say more, several of them joined by `;`:

    <!-- snippet: name todo_model -->       others can refer to this block
    <!-- snippet: after todo_model -->      put these blocks before it (and what those are after);
                                            file.md#name for a block of another file
    <!-- snippet: body -->                  wrap it in a function
    <!-- snippet: body (atr_finish *f) -->  ... with these parameters

Includes inside a body are moved to the front of it. Of every Markdown file, each relative link
must lead to a file, and each anchor to a heading.
"""

import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

FLAGS = (
    "-std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -Wno-unused-parameter"
    " -Wno-unused-variable -Wno-unused-but-set-variable -Wno-unused-function"
    " -Wno-missing-field-initializers"
).split()
PACKAGES = ("libuv", "sqlite3", "cmocka")

FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})\s*([^`]*)$")
DIRECTIVE = re.compile(r"<!--\s*snippet:\s*(.*?)\s*-->")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)")
EXTERNAL = re.compile(r"^[a-z][a-z0-9+.-]*:", re.I)


class Snippet:
    def __init__(self, path, line, text, directives):
        self.path, self.line, self.text = path, line, text
        self.name, self.after, self.body = None, [], None
        for directive in directives:
            for part in directive.split(";"):
                self.read_directive(part.strip())

    def read_directive(self, part):
        word, _, rest = part.partition(" ")
        rest = rest.strip()
        if word == "name" and rest:
            self.name = rest
        elif word == "after" and rest:
            self.after += [name for name in re.split(r"[\s,]+", rest) if name]
        elif word == "body":
            self.body = rest.strip("()") or "void"
        else:
            raise ValueError(f"{self.path}:{self.line}: no snippet directive '{part}'")

    def key(self):
        return f"{self.path}#{self.name}"

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
            if info.split() and info.split()[0] == "c":
                snippets.append(Snippet(path, start, "\n".join(block) + "\n", directives))
            elif directives:
                raise ValueError(f"{path}:{start}: a snippet comment before a block not marked c")
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
        self.link = ["-Wl,--as-needed"] + sorted(libraries) * 2 + pkg_config("--libs")
        self.link += [f"-Wl,-rpath-link,{os.path.dirname(lib)}" for lib in libraries]

    def check(self, snippet, code):
        """None, or what is wrong with the snippet."""
        with tempfile.TemporaryDirectory() as folder:
            if re.search(r"\bint\s+main\s*\(", snippet.text):
                end = ["-x", "c", "-", "-x", "none", *self.link, "-o", folder + "/program"]
            else:
                end = ["-fsyntax-only", "-x", "c", "-"]
                code += "\nextern int not_empty;\n"
            result = subprocess.run([*self.compile, *end], input=code, capture_output=True, text=True)
        if result.returncode == 0:
            return None
        return f"{snippet.path}:{snippet.line}: the snippet does not compile:\n{result.stderr}"


def check_snippets(build, snippets):
    named, problems, jobs = {}, [], []
    for snippet in snippets:
        if snippet.name and snippet.key() in named:
            problems.append(f"{snippet.path}:{snippet.line}: a second snippet {snippet.name}")
        named[snippet.key()] = snippet
    for snippet in snippets:
        try:
            jobs.append((snippet, with_predecessors(snippet, named, {snippet.key()})))
        except ValueError as error:
            problems.append(str(error))
    compiler = Compiler(build)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems += [found for found in pool.map(lambda job: compiler.check(*job), jobs) if found]
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
