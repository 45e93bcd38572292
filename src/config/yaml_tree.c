// From libyaml's events to a tree with places.
//
// Events and not libyaml's own document, because there an alias can no longer be told from what it stands for. The
// reader stops at the first node below DEPTH_MAX, as libyaml's scanner takes time quadratic in the depth. Left out
// on purpose: anchors, aliases, tags and several documents, which YAML 1.1 has and a configuration does not need.
#include "config/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "util/alloc.h"
#include "util/check.h"

enum { DEPTH_MAX = 16 };

struct reader {
    yaml_parser_t parser;
    struct diag *diag;
    const char *file;
    const char *text;
    size_t size;
    bool is_broken; // nothing after this can be read
};

static struct place place_of(const struct reader *reader, yaml_mark_t mark)
{
    return (struct place){reader->file, mark.line + 1, mark.column + 1};
}

// libyaml gives an offset instead of a mark for bytes that are no text.
static struct place place_of_byte(const struct reader *reader, size_t offset)
{
    struct place place = {reader->file, 1, 1};
    for (size_t i = 0; i < offset && i < reader->size; i++) {
        bool is_end = reader->text[i] == '\n';
        place.line += is_end;
        place.column = is_end ? 1 : place.column + 1;
    }
    return place;
}

static void report_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "unreadable";
    struct place place = place_of(reader, parser->problem_mark);
    reader->is_broken = true;
    if (parser->error == YAML_READER_ERROR)
        diag_error(reader->diag, place_of_byte(reader, parser->problem_offset), "not text in UTF-8: %s", problem);
    else if (parser->context != NULL)
        diag_error(reader->diag, place, "not valid YAML: %s, %s of line %zu", problem, parser->context,
                   parser->context_mark.line + 1);
    else
        diag_error(reader->diag, place, "not valid YAML: %s", problem);
}

// Once broken, every further event is the end of everything.
static void next_event(struct reader *reader, yaml_event_t *event)
{
    memset(event, 0, sizeof *event);
    if (reader->is_broken)
        return;
    if (!yaml_parser_parse(&reader->parser, event)) {
        report_syntax(reader);
        memset(event, 0, sizeof *event);
    }
}

static struct yaml_node *node_create(const struct reader *reader, const yaml_event_t *event, enum yaml_kind kind)
{
    struct yaml_node *node = xcalloc(1, sizeof *node);
    node->kind = kind;
    node->place = place_of(reader, event->start_mark);
    return node;
}

static void refuse(struct reader *reader, struct yaml_node *node, const char *what)
{
    diag_error(reader->diag, node->place, "%s not allowed in a configuration", what);
    node->is_bad = true;
}

static void refuse_properties(struct reader *reader, struct yaml_node *node, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    if (anchor != NULL)
        refuse(reader, node, "anchors ('&') are");
    if (tag != NULL)
        refuse(reader, node, "tags ('!') are");
}

static struct yaml_node *read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct yaml_node *node = node_create(reader, event, YAML_SCALAR);
    const char *text = (const char *)event->data.scalar.value;
    node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = xstrdup(text);
    refuse_properties(reader, node, event->data.scalar.anchor, event->data.scalar.tag);
    if (strlen(text) != event->data.scalar.length)
        refuse(reader, node, "zero bytes are");
    return node;
}

static struct yaml_node *read_node(struct reader *reader, yaml_event_t *event, unsigned depth);

static void read_children(struct reader *reader, struct yaml_node *parent, yaml_event_type_t end, unsigned depth)
{
    struct yaml_node **tail = &parent->first;
    yaml_event_t event;
    for (next_event(reader, &event); event.type != end && event.type != YAML_NO_EVENT; next_event(reader, &event)) {
        *tail = read_node(reader, &event, depth);
        tail = &(*tail)->next;
    }
    yaml_event_delete(&event);
}

static struct yaml_node *read_collection(struct reader *reader, const yaml_event_t *event, unsigned depth)
{
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    struct yaml_node *node = node_create(reader, event, is_list ? YAML_LIST : YAML_MAPPING);
    if (is_list)
        refuse_properties(reader, node, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    else
        refuse_properties(reader, node, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    if (depth == DEPTH_MAX) {
        diag_error(reader->diag, node->place, "nested more than %d deep", DEPTH_MAX);
        reader->is_broken = true;
    }
    read_children(reader, node, is_list ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT, depth + 1);
    return node;
}

// Takes over the event. Anything that begins no node, which libyaml's grammar excludes, counts as an alias.
static struct yaml_node *read_node(struct reader *reader, yaml_event_t *event, unsigned depth)
{
    struct yaml_node *node;
    if (event->type == YAML_SCALAR_EVENT) {
        node = read_scalar(reader, event);
    } else if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT) {
        node = read_collection(reader, event, depth);
    } else {
        node = node_create(reader, event, YAML_SCALAR);
        node->text = xstrdup("");
        refuse(reader, node, "aliases ('*') are");
    }
    yaml_event_delete(event);
    return node;
}

// Stream start, document start, the node, document end, stream end; NULL for a stream without a document.
static struct yaml_node *read_stream(struct reader *reader)
{
    struct yaml_node *root = NULL;
    yaml_event_t event;
    unsigned documents = 0;
    for (next_event(reader, &event); event.type != YAML_STREAM_END_EVENT && event.type != YAML_NO_EVENT;
         next_event(reader, &event)) {
        if (event.type == YAML_DOCUMENT_START_EVENT && documents++ > 0) {
            diag_error(reader->diag, place_of(reader, event.start_mark), "a second document; a configuration is one");
            reader->is_broken = true;
        }
        if (root == NULL && documents == 1 && event.type != YAML_DOCUMENT_START_EVENT)
            root = read_node(reader, &event, 0);
        else
            yaml_event_delete(&event);
    }
    yaml_event_delete(&event);
    return root;
}

struct yaml_node *yaml_tree_read(struct diag *diag, const char *file, const char *text, size_t size)
{
    struct reader reader = {.diag = diag, .file = file, .text = text, .size = size};
    CHECK(yaml_parser_initialize(&reader.parser), "out of memory");
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, size);
    struct yaml_node *root = read_stream(&reader);
    yaml_parser_delete(&reader.parser);
    if (!reader.is_broken && (root == NULL || yaml_node_is_empty(root))) {
        diag_error(diag, (struct place){.file = file}, "the file is empty; a configuration is a mapping of sections");
        reader.is_broken = true;
    }
    if (!reader.is_broken)
        return root;
    yaml_tree_destroy(root);
    return NULL;
}

// Recursion is bounded by DEPTH_MAX.
void yaml_tree_destroy(struct yaml_node *node)
{
    while (node != NULL) {
        struct yaml_node *next = node->next;
        yaml_tree_destroy(node->first);
        free(node->text);
        free(node);
        node = next;
    }
}

bool yaml_node_is_empty(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && node->is_plain && node->text[0] == '\0';
}

const char *yaml_kind_name(enum yaml_kind kind)
{
    static const char *const names[] = {"a single value", "a list", "a mapping"};
    return names[kind];
}
