/* Include last in a source with coroutines: to call what would block the whole loop does not compile,
 * and the undeclared name in the error says what to do instead.
 *
 * Function-like macros and not `#pragma GCC poison`, so that members may still be named `sleep`. */
#ifndef ASYNC_POISON_H
#define ASYNC_POISON_H

#define sleep(...) blocks_the_loop_await_co_sleep_instead
#define usleep(...) blocks_the_loop_await_co_sleep_instead
#define nanosleep(...) blocks_the_loop_await_co_sleep_instead
#define clock_nanosleep(...) blocks_the_loop_await_co_sleep_instead
#define pause(...) blocks_the_loop_await_co_signal_wait_instead
#define sigwait(...) blocks_the_loop_await_co_signal_wait_instead
#define sigwaitinfo(...) blocks_the_loop_await_co_signal_wait_instead
#define sigsuspend(...) blocks_the_loop_await_co_signal_wait_instead
#define select(...) blocks_the_loop_await_co_fd_wait_instead
#define pselect(...) blocks_the_loop_await_co_fd_wait_instead
#define poll(...) blocks_the_loop_await_co_fd_wait_instead
#define ppoll(...) blocks_the_loop_await_co_fd_wait_instead
#define getaddrinfo(...) blocks_the_loop_use_a_thread_instead
#define getnameinfo(...) blocks_the_loop_use_a_thread_instead
#define gethostbyname(...) blocks_the_loop_use_a_thread_instead
#define gethostbyaddr(...) blocks_the_loop_use_a_thread_instead
#define system(...) blocks_the_loop_use_a_thread_instead
#define popen(...) blocks_the_loop_use_a_thread_instead
#define wait(...) blocks_the_loop_use_a_thread_instead
#define waitpid(...) blocks_the_loop_use_a_thread_instead
#define flock(...) blocks_the_loop_use_a_thread_instead
#define lockf(...) blocks_the_loop_use_a_thread_instead

#endif
