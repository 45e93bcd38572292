// The build tells by a header of its own, so that a new commit compiles this file alone.
#include "util/version.h"

#include "build_config.h"
#include "commit.h"

const char version_release[] = PACKAGE_VERSION;
const char version_commit[] = SQTAIL_COMMIT;
