/* Runs a fuzz target over the files of one corpus folder, without libFuzzer: the way the fuzz
 * targets take part in the ordinary tests. Prints one TAP line. */

#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX_BYTES = 1 << 20, PATH_MAX_BYTES = 4096 };

static void run_file(const char *path, uint8_t *buffer)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    size_t size = fread(buffer, 1, INPUT_MAX_BYTES, file);
    fclose(file);

    /* A block of the exact size lets the address sanitizer see reads past the end. */
    uint8_t *input = malloc(size ? size : 1);
    if (!input)
        return;
    for (size_t i = 0; i < size; i++)
        input[i] = buffer[i];
    LLVMFuzzerTestOneInput(input, size);
    free(input);
}

static int run_folder(const char *folder, uint8_t *buffer)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[PATH_MAX_BYTES];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || length < 0 || (size_t)length >= sizeof path)
            continue;
        run_file(path, buffer);
        count++;
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    uint8_t *buffer = calloc(1, INPUT_MAX_BYTES);
    if (argc != 2 || !buffer) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        free(buffer);
        return 2;
    }
    LLVMFuzzerTestOneInput(buffer, 0);
    int count = run_folder(argv[1], buffer);
    printf("1..1\nok 1 - corpus_runs # %d files\n", count);
    free(buffer);
    return 0;
}
