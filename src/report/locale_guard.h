// Numbers in results have a '.' whatever the user's locale: the C locale for this thread, until it is put back.
#ifndef SQTAIL_REPORT_LOCALE_GUARD_H
#define SQTAIL_REPORT_LOCALE_GUARD_H

#include <locale.h>

struct locale_guard {
    locale_t before, plain;
};

static inline struct locale_guard locale_guard_enter(void)
{
    struct locale_guard guard = {.plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    guard.before = uselocale(guard.plain);
    return guard;
}

static inline void locale_guard_leave(struct locale_guard guard)
{
    uselocale(guard.before);
    freelocale(guard.plain);
}

#endif
