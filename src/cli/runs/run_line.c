// A run as the command that makes it, quoted for a shell.
#include "cli/runs/run_line.h"

#include "cli/session/replay_words.h"

static void put_text(const char *option, const char *value, FILE *to)
{
    if (value == NULL)
        return;
    fprintf(to, " --%s ", option);
    options_print_quoted(value, to);
}

static void put_texts(const char *option, const struct option_texts *values, FILE *to)
{
    for (uint32_t i = 0; i < values->count; i++)
        put_text(option, values->text[i], to);
}

void run_line_put(const struct session_options *session, FILE *to)
{
    options_print_quoted(session->config_path, to);
    put_texts("set", &session->sets, to);
    put_texts("job", &session->jobs, to);
    put_text("fio", session->fio, to);
    put_texts("trace", &session->traces, to);
    replay_words_print(session, to);
    put_text("seed", session->seed, to);
    fputs(session->until == SESSION_UNTIL_STEADY ? " --until steady" : "", to);
    if (session->kernel != 0) // the others are what is done without a word
        put_text("kernel", session_kernel_name(session), to);
    put_text("output", session->output, to);
    fputs(" --quiet --no-plots", to);
}

char *run_line(const struct session_options *session)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    fputs("sqtail run ", to);
    run_line_put(session, to);
    fclose(to);
    return text;
}
