/* The program. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

static int help(void)
{
    puts("usage: todo [--db FILE] COMMAND\n"
         "\n"
         "Keep a to-do list in a file.\n");
    for (const cli_command *command = cli_commands; command->name != NULL; command++) {
        printf("  %-6s %-18s %s\n", command->name, command->arguments, command->help);
    }
    puts("\n"
         "  --db FILE    the file of the list, made when it is not there; without this option it "
         "is\n"
         "               " CLI_DEFAULT_FILE " in the current folder\n"
         "  -h, --help   print this\n"
         "  --           what follows is no option: todo add -- -5 degrees\n"
         "\n"
         "Exit status: 0 done; 1 failed, and nothing changed unless only the output could not be\n"
         "written; 2 wrong command line.");
    return CLI_DONE;
}

/* A program can be started without standard input, output or error; the first file opened would take the
 * number, and be written to. What is put there cannot be written, so that lost output is told. */
static bool fill_descriptors(void)
{
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++) {
        if (fcntl(number, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) != number) {
            return false;
        }
    }
    return true;
}

static int run_line(int argc, char **argv)
{
    cli_line line;
    if (cli_parse(&line, argc, argv) != CLI_DONE) {
        return CLI_MISUSED;
    }
    if (line.command == NULL) {
        return help();
    }
    return line.command->execute != NULL ? cli_run(&line) : demo_run();
}

int main(int argc, char **argv)
{
    int status;
    if (!fill_descriptors()) {
        return CLI_FAILED;
    }
    status = run_line(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_complain("the output could not be written");
        return status == CLI_DONE ? CLI_FAILED : status;
    }
    return status;
}
