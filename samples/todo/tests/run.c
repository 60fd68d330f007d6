/* Running the built program in a folder of its own, and what it leaves there. */
#include "run.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the folder ---- */

static char folder[64];

int enter_folder(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/todo-test-XXXXXX");
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static bool is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int folder_count(void)
{
    int count = 0;
    DIR *here = opendir(".");
    for (struct dirent *entry; (entry = readdir(here)) != NULL;) {
        count += is_entry(entry);
    }
    closedir(here);
    return count;
}

int leave_folder(void **state)
{
    DIR *here = opendir(".");
    for (struct dirent *entry; (entry = readdir(here)) != NULL;) {
        if (is_entry(entry)) {
            remove(entry->d_name);
        }
    }
    closedir(here);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* ---- files ---- */

static bytes read_all(FILE *file)
{
    bytes all = {NULL, 0};
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    all.size = (size_t)ftell(file);
    rewind(file);
    all.at = malloc(all.size + 1);
    assert_non_null(all.at);
    assert_int_equal(fread(all.at, 1, all.size, file), all.size);
    all.at[all.size] = '\0';
    fclose(file);
    return all;
}

void make_list(void)
{
    EXPECT(0, "1\n", "", "add", "milk");
    EXPECT(0, "2\n", "", "add", "eggs");
    EXPECT(0, "3\n", "", "add", "bread");
    EXPECT(0, "", "", "done", "2");
}

bytes file_read(const char *name)
{
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    return read_all(file);
}

static void write_at(const char *name, const char *mode, long offset, const void *at, size_t size)
{
    FILE *file = fopen(name, mode);
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(at, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void file_write(const char *name, const void *at, size_t size)
{
    write_at(name, "wb", 0, at, size);
}

void file_patch(const char *name, long offset, const void *at, size_t size)
{
    write_at(name, "r+b", offset, at, size);
}

void assert_unchanged(const char *name, bytes before, const char *file, int line)
{
    bytes now = file_read(name);
    bool same = now.size == before.size && memcmp(now.at, before.at, now.size) == 0;
    free(now.at);
    free(before.at);
    if (!same) {
        print_error("%s has changed\n", name);
        _fail(file, line);
    }
}

/* ---- running ---- */

enum { ARGUMENTS_MAX = 16, SECONDS_MAX = 60 };

/* A file without a name, so that no amount of output makes the program wait for its reader. */
static int new_output(void)
{
    char name[] = "/tmp/todo-output-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

/* closed: bit n stands for descriptor n. */
static void start(run *r, const char *const *arguments, unsigned closed)
{
    char *argv[ARGUMENTS_MAX] = {(char *)TODO_PROGRAM};

    for (int i = 0; arguments[i] != NULL; i++) {
        assert_true(i + 2 < ARGUMENTS_MAX);
        argv[i + 1] = (char *)(uintptr_t)arguments[i];
    }
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        alarm(SECONDS_MAX); /* a program that hangs fails its test */
        dup2(r->out_fd, STDOUT_FILENO);
        dup2(r->err_fd, STDERR_FILENO);
        for (int fd = 0; fd <= STDERR_FILENO; fd++) {
            if ((closed >> fd & 1u) != 0) {
                close(fd);
            }
        }
        execv(argv[0], argv);
        _exit(127);
    }
}

run run_begin(const char *out, const char *const *arguments)
{
    run r = {.out_fd = out != NULL ? open(out, O_WRONLY) : new_output(), .err_fd = new_output()};
    start(&r, arguments, 0);
    return r;
}

run run_begin_without(unsigned closed, const char *const *arguments)
{
    run r = {.out_fd = new_output(), .err_fd = new_output()};
    start(&r, arguments, closed);
    return r;
}

/* "" for what went elsewhere. */
static char *read_output(int fd)
{
    FILE *file = fdopen(fd, "rb");
    if (file == NULL) {
        close(fd);
        return strdup("");
    }
    return read_all(file).at;
}

void run_end(run *r)
{
    int status = 0;
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    r->out = read_output(r->out_fd);
    r->err = read_output(r->err_fd);
}

void run_free(run *r)
{
    free(r->out);
    free(r->err);
}

/* @return differences: 0 or 1 */
static int compare(const char *what, const char *expected, const char *actual)
{
    if (strcmp(expected, actual) == 0) {
        return 0;
    }
    print_error("%s\n  expected: %s\n  actual:   %s\n", what, expected, actual);
    return 1;
}

static int compare_status(int expected, int actual)
{
    if (expected == actual) {
        return 0;
    }
    print_error("exit status\n  expected: %d\n  actual:   %d\n", expected, actual);
    return 1;
}

void run_expect(int status, const char *out, const char *err, const char *const *arguments,
                const char *file, int line)
{
    int differences = 0;
    run r = run_begin(NULL, arguments);
    run_end(&r);
    differences += compare_status(status, r.status);
    differences += compare("standard output", out, r.out);
    differences += compare("standard error", err, r.err);
    run_free(&r);
    if (differences > 0) {
        _fail(file, line);
    }
}
