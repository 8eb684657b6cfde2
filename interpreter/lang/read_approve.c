/* The key `approve`: what is asked, of whom, and how many of them must answer. */
#include "lang/read.h"

#include "base/arena.h"
#include "lang/people.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

void read_people_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    struct approve *approve = object;
    const struct node *node = pair->value;
    bool expression = node->kind == NODE_SCALAR && strncmp(node->text.at, "${", 2) == 0;
    if (expression || read_is_list(reader, node, "'by'", key->example))
        approve->by =
            term_read(reader->arena, node, type_list(reader->arena, type_scalar(TYPE_STRING)),
                      reader->diagnostics);
}

/* What is written there; 0, NULL: it is known when the run is planned. */
static void check_people(struct reader *reader, const struct approve *approve)
{
    const struct value *by =
        approve->by != NULL && approve->by->kind == TERM_CONSTANT ? approve->by->constant : NULL;
    int64_t count = approve->count != NULL && approve->count->kind == TERM_CONSTANT
                        ? approve->count->constant->integer
                        : 0;
    const char *problem = people_problem(reader->arena, by, count);
    if (problem != NULL)
        diagnostic_add(reader->diagnostics, RB102, approve->by->mark,
                       "name those who may answer: by: [alice, bob, '%dba']", "%s", problem);
}

void read_approve_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct approve *approve = arena_alloc(reader->arena, sizeof *approve);
    approve->mark = pair->key_mark;
    if (read_is_map(reader, pair->value, "'approve'", key->example))
        read_mapping(reader, MAPPING_APPROVE, pair, "'approve'", approve);
    check_people(reader, approve);
    *(const struct approve **)((char *)object + key->at) = approve;
}
