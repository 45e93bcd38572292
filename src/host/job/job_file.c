// fio's job files: sections of words, each a job, with those of [global] before them.
//
// Source: fio's HOWTO, "Job file format", and init.c (3.33). A section's words stand for its job; those of a section
// whose name begins with global for all jobs after it. The last of several equal words counts. include FILE, found from
// here or beside the file, puts another file's words in its place. ; and # begin a comment, ${NAME} is a variable of the
// environment.
//
// Where fio's defaults are not those of a job here they become words: `fio`, and iodepth=1 with an I/O engine that is
// synchronous, as fio's own default is. exitall in one job is in all: the first that is done ends the others.
//
// Left out: arithmetic in values, $pagesize and its like.
#include "host/job/job_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/alloc.h"
#include "util/macros.h"
#include "util/text_list.h"

struct word {
    char *name, *value; // NULL: without one
    struct job_word_place place;
};

struct words {
    struct word *at;
    size_t count;
};

struct section {
    char name[JOB_NAME_BYTES - 4]; // room for -999
    uint64_t line;
    struct words words;
};

struct reader {
    struct job_file *file;
    struct diag *diag;
    struct text_list ignored; // words without effect
    struct words globals;
    struct section *sections;
    size_t count;
    bool is_global; // words are for all
    unsigned depth; // of files that include each other
};

enum { DEPTH_MAX = 8 };

// --- words ---------------------------------------------------------------------------------------------------------

static void word_free(struct word *word)
{
    free(word->name);
    free(word->value);
}

static void words_clear(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        word_free(&words->at[i]);
    free(words->at);
    *words = (struct words){0};
}

static char *copy_of(const char *text)
{
    return text == NULL ? NULL : xstrdup(text);
}

static struct word *find(const struct words *words, const char *name)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(job_word_name(words->at[i].name), job_word_name(name)) == 0)
            return &words->at[i];
    return NULL;
}

// The last one counts.
static void set(struct words *words, const char *name, const char *value, struct job_word_place place)
{
    struct word *word = find(words, name);
    if (word == NULL) {
        words->at = xgrow(words->at, words->count, sizeof *words->at);
        word = &words->at[words->count++];
    } else {
        word_free(word);
    }
    *word = (struct word){.name = xstrdup(name), .value = copy_of(value), .place = place};
}

// --- jobs ----------------------------------------------------------------------------------------------------------

static const char *value_of(const struct words *words, const char *name, const char *otherwise)
{
    const struct word *word = find(words, name);
    return word == NULL ? otherwise : word->value == NULL ? "1" : word->value;
}

// fio takes one request at a time to such an engine, whatever the depth.
static void heed_engine(struct reader *reader, struct words *words)
{
    static const char *const one_by_one[] = {"sync", "psync", "vsync", "pvsync", "pvsync2", "mmap", NULL};
    struct word *engine = find(words, "ioengine"), *depth = find(words, "iodepth");
    const char *name = value_of(words, "ioengine", "psync");
    bool is_one = false;
    for (size_t i = 0; one_by_one[i] != NULL; i++)
        is_one |= strcmp(name, one_by_one[i]) == 0;
    if (is_one && depth != NULL && strcmp(value_of(words, "iodepth", "1"), "1") != 0) {
        diag_note(reader->diag, engine == NULL ? depth->place.name : engine->place.name,
                  "ioengine=%s%s has one request in flight at a time: iodepth=1", name,
                  engine == NULL ? ", fio's own where none is given," : "");
        set(words, "iodepth", "1", depth->place);
    }
    if (engine != NULL && (is_one || strcmp(name, "null") == 0))
        set(words, "ioengine", "libaio", engine->place);
}

static void heed_direct(struct reader *reader, const struct words *words)
{
    if (find(words, "direct") == NULL && find(words, "buffered") == NULL)
        text_list_add(&reader->ignored, "the page cache (as direct=1)");
}

// Whether the word changes nothing; what is not as it is here is left for the job's parser to refuse.
static bool is_ignored(struct reader *reader, const struct word *word)
{
    const struct job_neutral_word *neutral = job_neutral_word_find(word->name);
    if (neutral == NULL || !job_neutral_word_takes(neutral, word->value))
        return false;
    text_list_add(&reader->ignored, word->name);
    return true;
}

static void put_name(const struct reader *reader, const struct section *section, FILE *to)
{
    unsigned same = 1;
    for (const struct section *other = reader->sections; other < section; other++)
        same += strcmp(other->name, section->name) == 0;
    fprintf(to, "fio name=%s", section->name);
    if (same > 1)
        fprintf(to, "-%u", same);
}

static void put_word(const struct word *word, FILE *to)
{
    fprintf(to, " %s", word->name);
    if (word->value == NULL)
        return;
    fputc('=', to);
    for (const char *c = word->value; *c != '\0'; c++)
        if (!isspace((unsigned char)*c))
            fputc(*c, to);
}

// The job's text, with a place for each of its words.
static void make_job(struct reader *reader, struct section *section)
{
    struct job_file *file = reader->file;
    struct words *words = &section->words;
    struct place here = {.file = file->names[0], .line = section->line};
    struct job_word_place *places = xcalloc(words->count + 2, sizeof *places);
    char *text = NULL;
    size_t size = 0, count = 2;
    heed_engine(reader, words);
    heed_direct(reader, words);
    FILE *to = open_memstream(&text, &size);
    put_name(reader, section, to);
    places[0] = places[1] = (struct job_word_place){here, here};
    for (const struct word *word = words->at; word < words->at + words->count; word++) {
        if (strcmp(word->name, "name") == 0 || is_ignored(reader, word))
            continue;
        put_word(word, to);
        places[count++] = word->place;
    }
    fclose(to);
    file->texts = xgrow(file->texts, file->count, sizeof *file->texts);
    file->texts[file->count++] = (struct job_text){text, here.file, here.line, places};
}

// Whichever job says so, the first that is done ends all.
static void heed_exitall(struct reader *reader)
{
    const struct word *found = NULL;
    for (struct section *section = reader->sections; section < reader->sections + reader->count; section++)
        if (strcmp(value_of(&section->words, "exitall", "0"), "0") != 0)
            found = find(&section->words, "exitall");
    for (struct section *section = reader->sections; found != NULL && section < reader->sections + reader->count; section++)
        if (find(&section->words, "exitall") == NULL)
            set(&section->words, "exitall", "1", found->place);
}

static void make_jobs(struct reader *reader)
{
    heed_exitall(reader);
    for (size_t i = 0; i < reader->count; i++)
        make_job(reader, &reader->sections[i]);
}

// A name of results: fio's may have any letters.
static void name_section(struct section *section, const char *name)
{
    snprintf(section->name, sizeof section->name, "%s", *name == '\0' ? "job" : name);
    for (char *c = section->name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
            *c = '_';
}

static void begin_section(struct reader *reader, const char *name, uint64_t line)
{
    reader->is_global = strncmp(name, "global", strlen("global")) == 0;
    if (reader->is_global)
        return;
    reader->sections = xgrow(reader->sections, reader->count, sizeof *reader->sections);
    struct section *section = &reader->sections[reader->count++];
    *section = (struct section){.line = line};
    name_section(section, name);
    for (size_t i = 0; i < reader->globals.count; i++)
        set(&section->words, reader->globals.at[i].name, reader->globals.at[i].value, reader->globals.at[i].place);
}

// --- lines ---------------------------------------------------------------------------------------------------------

// ${NAME}; to be freed. NULL, told: there is none of that name.
static char *expand(struct reader *reader, const char *text, struct place place)
{
    char *whole = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&whole, &size);
    for (const char *at = text; at != NULL && *at != '\0';) {
        const char *end = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;
        if (end == NULL) {
            fputc(*at++, to);
            continue;
        }
        char *name = xformat("%.*s", (int)(end - at - 2), at + 2);
        const char *value = getenv(name);
        if (value == NULL)
            diag_error(reader->diag, place, "the environment has no variable '%s'", name);
        else
            fputs(value, to);
        free(name);
        at = value == NULL ? NULL : end + 1;
        if (at == NULL)
            break;
    }
    fclose(to);
    return whole;
}

// 4KiB, which is 4000 bytes there.
static bool is_thousands(const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if (isdigit((unsigned char)c[0]) && strchr("kmgtp", tolower((unsigned char)c[1])) != NULL && c[1] != '\0' &&
            strncasecmp(c + 2, "ib", 2) == 0)
            return true;
    return false;
}

static void cut_end(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    text[length] = '\0';
}

static bool has_blank(const char *word)
{
    while (*word != '\0' && !isspace((unsigned char)*word))
        word++;
    return *word != '\0';
}

static void take_word(struct reader *reader, char *word, struct place place)
{
    char *value = strchr(word, '=');
    struct job_word_place places = {place, place};
    if (value != NULL) {
        *value++ = '\0';
        cut_end(word);
        value += strspn(value, " \t");
        places.value.column += (uint64_t)(value - word);
    }
    if (has_blank(word)) {
        diag_error(reader->diag, place, "'%s' is not a word; a line has one, such as rw=randread", word);
        return;
    }
    if (!reader->is_global && reader->count == 0) {
        diag_error(reader->diag, place, "'%s' stands before the first section, such as [job1]", word);
        return;
    }
    struct section *section = reader->is_global ? NULL : &reader->sections[reader->count - 1];
    char *expanded = value == NULL ? NULL : expand(reader, value, places.value);
    if (expanded != NULL && job_neutral_word_find(word) == NULL && is_thousands(expanded))
        diag_error(reader->diag, places.value, "'%s' counts in thousands in fio's job files; write 4k for 4096 bytes",
                   expanded);
    set(section == NULL ? &reader->globals : &section->words, word, expanded, places);
    if (strcmp(word, "name") == 0 && expanded != NULL && section != NULL)
        name_section(section, expanded);
    free(expanded);
}

static void read_lines(struct reader *reader, const char *path, struct place from);

// Found from here, or beside the file that includes it.
static void include(struct reader *reader, const char *name, struct place place)
{
    const char *slash = strrchr(place.file, '/');
    FILE *there = fopen(name, "r");
    char *path = there != NULL || slash == NULL || *name == '/'
                     ? xstrdup(name)
                     : xformat("%.*s%s", (int)(slash - place.file) + 1, place.file, name);
    if (there != NULL)
        fclose(there);
    if (reader->depth == DEPTH_MAX)
        diag_error(reader->diag, place, "files include each other more than %d deep", DEPTH_MAX);
    else
        read_lines(reader, path, place);
    free(path);
}

static bool is_include(const char *line)
{
    size_t length = strlen("include");
    return strncmp(line, "include", length) == 0 && (line[length] == '=' || isspace((unsigned char)line[length]));
}

static void take_line(struct reader *reader, char *line, struct place place)
{
    size_t blanks = strspn(line, " \t\r\n\f\v");
    char *at = line + blanks;
    at[strcspn(at, ";#")] = '\0';
    cut_end(at);
    place.column = blanks + 1;
    if (*at == '\0')
        return;
    char *end = strrchr(at, ']');
    if (*at == '[' && end != NULL && end[1] == '\0') {
        *end = '\0';
        if (reader->depth > 1)
            diag_error(reader->diag, place, "an included file has no sections of its own");
        else
            begin_section(reader, at + 1, place.line);
    } else if (*at == '[') {
        diag_error(reader->diag, place, "a section is a name in brackets, such as [job1]");
    } else if (is_include(at)) {
        at += strlen("include") + 1;
        include(reader, at + strspn(at, " \t="), place);
    } else {
        take_word(reader, at, place);
    }
}

static const char *keep_name(struct job_file *file, const char *path)
{
    file->names = xgrow(file->names, file->name_count, sizeof *file->names);
    return file->names[file->name_count++] = xstrdup(path);
}

static void read_lines(struct reader *reader, const char *path, struct place from)
{
    struct place place = {.file = keep_name(reader->file, path)};
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    if (in == NULL) {
        diag_error(reader->diag, from.file == NULL ? place : from, "cannot read '%s': %s", path, strerror(errno));
        return;
    }
    reader->depth++;
    while (getline(&line, &size, in) >= 0) {
        place.line++;
        take_line(reader, line, place);
    }
    reader->depth--;
    free(line);
    fclose(in);
}

// --- files ---------------------------------------------------------------------------------------------------------

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void tell_ignored(struct reader *reader)
{
    struct text_list *ignored = &reader->ignored;
    char *text = NULL;
    size_t size = 0;
    if (ignored->count == 0)
        return;
    qsort(ignored->at, ignored->count, sizeof *ignored->at, compare_names);
    FILE *to = open_memstream(&text, &size);
    for (size_t i = 0; i < ignored->count; i++)
        if (i == 0 || strcmp(ignored->at[i], ignored->at[i - 1]) != 0)
            fprintf(to, "%s%s", i == 0 ? "" : ", ", ignored->at[i]);
    fclose(to);
    diag_note(reader->diag, (struct place){.file = reader->file->names[0]}, "without effect here: %s; see doc/fio.md",
              text);
    free(text);
}

static void end_reading(struct reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        words_clear(&reader->sections[i].words);
    free(reader->sections);
    words_clear(&reader->globals);
    text_list_free(&reader->ignored);
}

struct job_file *job_file_read(const char *path, struct diag *diag)
{
    struct reader reader = {.file = xcalloc(1, sizeof *reader.file), .diag = diag};
    unsigned before = diag_error_count(diag);
    read_lines(&reader, path, (struct place){0});
    if (reader.count == 0 && diag_error_count(diag) == before)
        diag_error(diag, (struct place){.file = path}, "no job in it: a section such as [job1]");
    make_jobs(&reader);
    tell_ignored(&reader);
    end_reading(&reader);
    if (diag_error_count(diag) == before)
        return reader.file;
    job_file_destroy(reader.file);
    return NULL;
}

void job_file_destroy(struct job_file *file)
{
    if (file == NULL)
        return;
    for (uint32_t i = 0; i < file->count; i++) {
        free((char *)file->texts[i].text);
        free((struct job_word_place *)file->texts[i].words);
    }
    for (size_t i = 0; i < file->name_count; i++)
        free(file->names[i]);
    free(file->names);
    free(file->texts);
    free(file);
}
