/* Runs a fuzzer without libFuzzer over the files of its corpus, and over the beginnings of each: as a
 * plain test. Usage: fuzz_NAME [FOLDER]; by default tests/fuzz/corpus/NAME in $TOP_SRCDIR. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define FILE_BYTES_MAX (64 * 1024)
#define PREFIXES_MAX 512

/* A copy of exactly its size, so that a sanitizer sees the first byte that is read behind it. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int run_file(int folder, const char *name)
{
    static uint8_t data[FILE_BYTES_MAX];
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, data, sizeof(data));

    if (fd >= 0)
        close(fd);
    if (size < 0) {
        fprintf(stderr, "%s: %s\n", name, strerror(errno));
        return -1;
    }
    for (size_t len = 0; len < (size_t)size && len < PREFIXES_MAX; len++)
        run(data, len);
    run(data, (size_t)size);
    return 0;
}

/* The number of files, or -1. */
static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;

    if (!folder) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    for (struct dirent *entry = readdir(folder); entry && count >= 0; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        count = run_file(dirfd(folder), entry->d_name) < 0 ? -1 : count + 1;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    const char *top = getenv("TOP_SRCDIR");
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    char path[4096];

    if (argc > 1)
        snprintf(path, sizeof(path), "%s", argv[1]);
    else
        snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top ? top : ".", name + strlen("fuzz_"));
    printf("[ RUN      ] %s\n", name);
    fflush(stdout);
    bool is_ok = run_folder(path) > 0;
    printf("[ %s ] %s\n", is_ok ? "      OK" : " FAILED ", name);
    return is_ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
