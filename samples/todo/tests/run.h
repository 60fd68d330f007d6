/* Running the built program in a folder of its own, and what it leaves there. */
#ifndef TODO_TESTS_RUN_H
#define TODO_TESTS_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

/* A test's setup: make a folder for it and go there. Teardown: remove it with all it holds. */
int enter_folder(void **state);
int leave_folder(void **state);

/* A program under way or finished. */
typedef struct run {
    pid_t pid;
    int out_fd;
    int err_fd;
    int status; /* exit status; 128 + the signal that ended it */
    char *out;  /* what it wrote */
    char *err;
} run;

/* Start the program with these arguments after its name; NULL ends them. @param out where its standard
 * output goes; NULL: into the run */
run run_begin(const char *out, const char *const *arguments);
/* The same, started without some of its descriptors: bit n of closed stands for descriptor n. */
run run_begin_without(unsigned closed, const char *const *arguments);
/* Wait for its end. */
void run_end(run *r);
void run_free(run *r);

/* Run the program and assert its exit status and what it writes: EXPECT(0, "1\n", "", "add", "milk") */
#define EXPECT(status, out, err, ...) \
    run_expect((status), (out), (err), (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
void run_expect(int status, const char *out, const char *err, const char *const *arguments,
                const char *file, int line);

/* Make a list of milk, eggs (done) and bread. */
void make_list(void);
#define THE_LIST "1 [ ] milk\n2 [x] eggs\n3 [ ] bread\n"

#define PROGRAM_TEST(fn) cmocka_unit_test_setup_teardown(fn, enter_folder, leave_folder)

/* The bytes of a file in the folder. */
typedef struct bytes {
    char *at;
    size_t size;
} bytes;
bytes file_read(const char *name);
void file_write(const char *name, const void *at, size_t size);
/* Write over some bytes in the middle of a file. */
void file_patch(const char *name, long offset, const void *at, size_t size);

/* Assert that a file still has these bytes, and free them. */
#define ASSERT_UNCHANGED(name, before) assert_unchanged((name), (before), __FILE__, __LINE__)
void assert_unchanged(const char *name, bytes before, const char *file, int line);

/* How many entries the folder has. */
int folder_count(void);

#endif
