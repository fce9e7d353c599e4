/* /proc/PID/stat counts in hundredths of a second, which is coarse for a short run; schedstat of each thread
 * counts in nanoseconds. */
#include "load/process_stat.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"

/* The number that is word `index` of a file's first line. */
static int read_number(const char *path, unsigned index, int64_t *ret_number)
{
    char line[256];
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    bool has_line = fgets(line, sizeof(line), file);
    fclose(file);
    if (!has_line)
        return -EIO;

    struct bytes rest = bytes_of(line), word = {0};
    for (unsigned i = 0; i <= index; i++)
        word = bytes_word(&rest);
    uint64_t number;
    int r = bytes_parse_u64(word, INT64_MAX, &number);
    if (r == 0)
        *ret_number = (int64_t)number;
    return r;
}

static int add_threads(pid_t pid, int64_t *cpu_ns)
{
    char path[300];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    if (!folder)
        return -errno;
    for (struct dirent *entry; (entry = readdir(folder));) {
        int64_t thread_ns;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid, entry->d_name);
        /* A thread that ends meanwhile is left out. */
        if (read_number(path, 0, &thread_ns) == 0)
            *cpu_ns += thread_ns;
    }
    closedir(folder);
    return 0;
}

int process_stat_read(pid_t pid, struct process_stat *ret_stat)
{
    struct process_stat stat = {0};
    char path[64];
    int64_t pages;

    if (pid == 0)
        pid = getpid();
    int r = add_threads(pid, &stat.cpu_ns);
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    if (r == 0)
        r = read_number(path, 1, &pages);
    if (r < 0)
        return r;
    stat.rss_bytes = pages * sysconf(_SC_PAGESIZE);
    *ret_stat = stat;
    return 0;
}
