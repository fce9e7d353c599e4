#include "daemon/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.h"

static uint64_t resident_bytes(void)
{
    char text[256];
    uint64_t pages = 0;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof(text));
    close(fd);
    struct bytes rest = {text, n > 0 ? (size_t)n : 0};
    (void)bytes_word(&rest); /* the whole program's size */
    if (bytes_parse_u64(bytes_word(&rest), UINT64_MAX, &pages) < 0)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t open_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (!folder)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* without the folder itself */
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

void process_stats_read(struct process_stats *ret_stats)
{
    struct mallinfo2 heap = mallinfo2();
    struct rlimit files = {0};
    struct rusage usage = {0};

    (void)getrlimit(RLIMIT_NOFILE, &files);
    (void)getrusage(RUSAGE_SELF, &usage);
    *ret_stats = (struct process_stats){
        .resident_bytes = resident_bytes(),
        .open_fds = open_fds(),
        .max_fds = files.rlim_cur,
        .heap_used_bytes = heap.uordblks + heap.hblkhd,
        .heap_free_bytes = heap.fordblks,
        .cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime),
    };
}
