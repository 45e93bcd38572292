// Which sqtail this is: its release, and the commit that was built.
#ifndef SQTAIL_UTIL_VERSION_H
#define SQTAIL_UTIL_VERSION_H

extern const char version_release[];

// The commit's full name, with "-dirty" after it when files differed from it; "unknown" where neither a repository nor
// a distribution tarball says. Full, since how far git shortens a name depends on the repository, and results must not.
extern const char version_commit[];

#endif
