/* Reading the command line: what can be wrong with it is found here, before any file is opened. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

bool cli_complain(const char *format, ...)
{
    va_list args;

    fputs("todo: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

/* ---- arguments ---- */

bool cli_text(cli_line *line, const char *word)
{
    size_t size = strlen(word);
    if (strspn(word, " \t\r\n") == size) {
        return cli_complain("the text is empty");
    }
    if (atr_utf8_check(word, size) != size) {
        return cli_complain("the text is not valid UTF-8");
    }
    line->text = word;
    return true;
}

/* Digits only: no sign, no space. @return false: that, or not from 1 to INT64_MAX */
static bool take_number(int64_t *number, const char *word)
{
    errno = 0;
    *number = strtoll(word, NULL, 10);
    return strspn(word, "0123456789") == strlen(word) && errno == 0 && *number >= 1;
}

bool cli_id(cli_line *line, const char *word)
{
    return take_number(&line->id, word) || cli_complain("not an id: %s (ids are 1, 2, ...)", word);
}

bool cli_position(cli_line *line, const char *word)
{
    return take_number(&line->position, word) ||
           cli_complain("not a position: %s (the first is 1)", word);
}

bool cli_filter(cli_line *line, const char *word)
{
    const atr_enumerator *found =
        atr_enumeration_by_name(&todo_filter_enumeration, word, strlen(word));
    if (found == NULL) {
        return cli_complain("not a filter: %s (there are all, active, done)", word);
    }
    line->filter = (todo_filter)found->number;
    return true;
}

/* ---- the words of a line: a command and its arguments ---- */

static bool take_command(cli_line *line, const char *word)
{
    for (const cli_command *command = cli_commands; command->name != NULL; command++) {
        if (strcmp(command->name, word) == 0) {
            line->command = command;
            return true;
        }
    }
    return cli_complain("there is no command %s; see todo --help", word);
}

static bool take_word(cli_line *line, int *given, const char *word)
{
    int nth = *given;
    if (line->command == NULL) {
        return take_command(line, word);
    }
    if (nth == 2 || line->command->take[nth] == NULL) {
        return cli_complain("too many arguments: %s", word);
    }
    ++*given;
    return line->command->take[nth](line, word);
}

/* ---- options ---- */

static bool take_file(cli_line *line, const char *name)
{
    int size;

    if (name == NULL || name[0] == '\0') {
        return cli_complain("--db needs the name of a file");
    }
    size = snprintf(line->file, sizeof line->file, "%s", name);
    if (size < 0 || (size_t)size >= sizeof line->file) {
        return cli_complain("the name of the file is too long");
    }
    return true;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

static bool is_help(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

/* ---- the line ---- */

static bool check_line(const cli_line *line, int given)
{
    if (line->command == NULL) {
        return cli_complain("a command is missing; see todo --help");
    }
    if (given < line->command->required) {
        return cli_complain("%s needs %s", line->command->name, line->command->arguments);
    }
    return true;
}

int cli_parse(cli_line *line, int argc, char **argv)
{
    bool good = true, options = true;
    int given = 0;

    *line = (cli_line){.status = CLI_FAILED};
    take_file(line, CLI_DEFAULT_FILE);
    for (int i = 1; good && i < argc; i++) {
        if (!options || !is_option(argv[i])) {
            good = take_word(line, &given, argv[i]);
        } else if (is_help(argv[i])) {
            line->command = NULL;
            return CLI_DONE;
        } else if (strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (strcmp(argv[i], "--db") == 0) {
            good = take_file(line, argv[++i]); /* argv ends with NULL */
        } else {
            good = cli_complain("there is no option %s; see todo --help", argv[i]);
        }
    }
    return good && check_line(line, given) ? CLI_DONE : CLI_MISUSED;
}
