/* A process that is killed in the middle of its writes has lost none that it was told of. The
 * writer is this program itself, started with --write. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

enum { ROUNDS = 50, IN_FLIGHT = 8 };

static const char *const scripts[] = {
    "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL, size INTEGER NOT NULL)", NULL};

#define ADD(F) F(i64, size)
ATR_QUERY(add, ADD, i64);

/* ---- the writer ---- */

static int acknowledge_to = -1;

static void added(atr_finish *f, const add *self, int64_t response)
{
    if (write(acknowledge_to, &response, sizeof response) != sizeof response) {
        _exit(1); /* nobody listens any more */
    }
    ATR_EXECUTE(f, add, .size = (self->size * 7 + 13) % 5000);
}

ATR_SQLITE_WRITE(
    add, ADD, i64, test_db,
    "INSERT INTO item (title, size) VALUES (hex(zeroblob(:size)), 2 * :size) RETURNING id",
    .finish_with_response = added);

static void write_until_killed(const char *path, const char *synchronous)
{
    const atr_sqlite_options options = {
        .path = path,
        .migrations = scripts,
        .synchronous = strcmp(synchronous, "full") == 0 ? ATR_SQLITE_FULL : ATR_SQLITE_NORMAL};
    acknowledge_to = STDOUT_FILENO;
    fixture_open(&options);
    for (int i = 0; i < IN_FLIGHT; i++) {
        START(add, .size = i * 100);
    }
    for (;;) {
        fixture_step();
    }
}

/* ---- the test ---- */

static const char *own_program; /* this program, as it was called */

static pid_t start_writer(int *from, bool full)
{
    int ends[2];
    pid_t child;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        if (dup2(ends[1], STDOUT_FILENO) != -1 && close(ends[0]) == 0 && close(ends[1]) == 0) {
            execl(own_program, "kill_test", "--write", fx.path, full ? "full" : "normal",
                  (char *)NULL);
        }
        _exit(2);
    }
    assert_int_equal(close(ends[1]), 0);
    *from = ends[0];
    return child;
}

/* Read acknowledged ids; kill the writer after some; go on until the pipe ends. The last one. */
static int64_t read_and_kill(int from, pid_t child, int kill_after, int64_t *count)
{
    int64_t id = 0, last = 0;
    while (read(from, &id, sizeof id) == sizeof id) {
        last = id > last ? id : last;
        if (++*count == kill_after) {
            kill(child, SIGKILL);
        }
    }
    return last;
}

static void killed_writers_lose_nothing_acknowledged(void **state)
{
    int64_t acknowledged = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int from = -1, status = 0;
        int64_t here = 0;
        pid_t child = start_writer(&from, round % 5 == 0);

        int64_t last = read_and_kill(from, child, 1 + round * 3 % 40, &here);
        assert_int_equal(close(from), 0);
        assert_int_equal(waitpid(child, &status, 0), child);

        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        acknowledged += here;
        sqlite3 *raw = raw_open(fx.path);
        assert_int_equal(
            raw_number(raw, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
        assert_true(raw_number(raw, "SELECT count(*) FROM item") >= acknowledged);
        assert_int_equal(raw_number(raw, "SELECT count(*) - max(id) FROM item"), 0);
        assert_true(raw_number(raw, "SELECT max(id) FROM item") >= last);
        assert_int_equal(raw_number(raw, "SELECT count(*) FROM item WHERE length(title) <> size"),
                         0);
        assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_writers_lose_nothing_acknowledged, fixture_setup,
                                        fixture_teardown),
    };
    own_program = argv[0];
    if (argc == 4 && strcmp(argv[1], "--write") == 0) {
        write_until_killed(argv[2], argv[3]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
