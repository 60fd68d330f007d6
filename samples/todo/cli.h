/** The command line: what can be asked for, how it is read, how it is carried out. */
#ifndef TODO_CLI_H
#define TODO_CLI_H

#include "todo.h"

/** Exit statuses. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_MISUSED = 2 };

#define CLI_DEFAULT_FILE "todo.db"

typedef struct cli_line cli_line;

/** A command. */
typedef struct cli_command {
    const char *name;
    const char *arguments; /**< as --help shows them */
    const char *help;      /**< one line */
    int required;          /**< so many arguments must be given */
    /** Take an argument over. @return false: it is wrong, stderr tells why. NULL: there is none */
    bool (*take[2])(cli_line *line, const char *word);
    /** Execute the query of the command; called when the list is loaded. */
    void (*execute)(atr_finish *f, cli_line *line);
} cli_command;

/** The commands; a NULL name ends them. `demo` has no execute. */
extern const cli_command cli_commands[];

/** A command line that was read. */
struct cli_line {
    const cli_command *command; /**< NULL: --help */
    char file[4096];
    const char *text; /**< borrowed from argv, like all words */
    int64_t id;
    int64_t position;
    todo_filter filter;
    int status; /**< what the program is going to exit with */
};

/** Read a command line. @return CLI_DONE, or CLI_MISUSED and a message on stderr */
int cli_parse(cli_line *line, int argc, char **argv);

/** Arguments of commands. */
bool cli_text(cli_line *line, const char *word);
bool cli_id(cli_line *line, const char *word);
bool cli_position(cli_line *line, const char *word);
bool cli_filter(cli_line *line, const char *word);

/** Carry the command out. @return exit status */
int cli_run(cli_line *line);

/** Say on stderr what is wrong. @return false */
ATR_PRINTF(1, 2) bool cli_complain(const char *format, ...);

/** Print an item as a line, `1 [x] text`: the bytes of the text as they are, whatever the locale. */
void cli_print_item(const todo_item *item);

/** Tell what the library does, on a file of its own. @return exit status */
int demo_run(void);

#endif
