// A recording as a load: what the options say of how it is replayed.
#ifndef SQTAIL_CLI_SESSION_REPLAY_LOAD_H
#define SQTAIL_CLI_SESSION_REPLAY_LOAD_H

#include "cli/session/session.h"

// Whether the words go together, before anything is read; sets all but ramp_ios. Returns 0, or -1 with the reasons.
int replay_load_options(const struct session_options *session, struct replay_options *replay, struct diag *diag);

// Sets ramp_ios, of a recording of so many requests. Returns 0, or -1 with the reason.
int replay_load_ramp(const struct session_options *session, uint64_t requests, struct replay_options *replay,
                     struct diag *diag);

// How a recording was replayed, where not as it was recorded: "2 times as fast as recorded, offsets wrapped". NULL
// for nothing special; to be freed.
char *replay_load_text(const struct session_options *session);

#endif
