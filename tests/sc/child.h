// SystemC allows one simulation a process, so each runs in a child that reports by a pipe. And cmocka's words, for
// tests written in C++.
#ifndef SQTAIL_TESTS_SC_CHILD_H
#define SQTAIL_TESTS_SC_CHILD_H

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

// What `body` returns, run in a process of its own.
inline std::string run_in_child(const std::function<std::string()> &body)
{
    int ends[2];
    if (pipe(ends) != 0)
        std::abort();
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        std::string log = body();
        FILE *to = fdopen(ends[1], "w");
        std::fwrite(log.data(), 1, log.size(), to);
        std::fclose(to);
        _exit(0);
    }
    close(ends[1]);
    std::string log;
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
        log.append(buffer, n);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return status == 0 ? log : log + "<child failed>";
}

static int g_failures = 0;

static inline void report(const std::string &name, bool ok, const std::string &detail)
{
    std::printf("[ RUN      ] %s\n[  %s ] %s\n", name.c_str(), ok ? "     OK" : "FAILED ", name.c_str());
    if (!ok) {
        std::printf("%s\n", detail.c_str());
        g_failures++;
    }
}

#endif
