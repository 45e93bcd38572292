// Tasks, each in a process of its own, several at once.
#ifndef SQTAIL_CLI_RUNS_RUN_POOL_H
#define SQTAIL_CLI_RUNS_RUN_POOL_H

#include <stddef.h>

enum { RUN_POOL_MAX = 64 };

struct run_pool {
    size_t count;   // tasks, begun in their order
    size_t at_once; // 1 .. RUN_POOL_MAX
    void *context;
    // Before its process begins. Returns 0, or -1 with the reason in errno; asked again when that may have passed.
    int (*prepare)(void *context, size_t task);
    // In its process: does it and returns the exit code.
    int (*child)(void *context, size_t task);
    // In this one, when it has ended; `status` is waitpid's. Returns an exit code; other than 0: no more are begun.
    int (*ended)(void *context, size_t task, int status);
    // It could not be begun though no other runs, for the reason in errno. Returns the exit code.
    int (*refused)(void *context, size_t task);
    // Four times a second while tasks run. NULL: no.
    void (*waiting)(void *context);
};

// Returns the exit code. When one fails, or the user asks to end, no more are begun, and those that run come to their
// end.
int run_pool(const struct run_pool *pool);

// The exit code that a status of waitpid stands for: 128 and the signal for who was ended by one.
int run_pool_code(int status);

// The signal that asked to end; 0: none did.
int run_pool_signal(void);

#endif
