#include "actions/sql.h"

#include "actions/input.h"
#include "actions/place.h"
#include "actions/show.h"
#include "actions/sql_place.h"
#include "actions/sql_script.h"
#include "actions/sql_value.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"
#include "sys/loop.h"
#include "sys/output.h"

#include <string.h>

#define SETTLE_WITHIN \
    (60 * UNITS_SECOND) /* a server that crashed is back by then, or for long not */

struct work {
    struct stage stage;
    const struct deed *deed;
    const struct sql_about *about;
    struct sql_request request;
    struct postgres *postgres; /* NULL: no conversation */
    struct postgres_statement *statements;
    const char *name; /* of the connection */
    bool repeatable, cancelled;
    bool good; /* of prepare, or finish */
    struct failure failure;
    struct outcome outcome;
    struct output log; /* what the server remarks */
    int64_t began;
    struct loop_timer timer; /* of settle: until it asks again */
};

/* ---- describing ---- */

bool sql_describe(const struct describing *describing, const struct value *args, struct deed *deed,
                  struct problem *problem)
{
    static const char *const texts[] = {"query", "statement", "statements", "args"};
    input_take(describing, args, deed);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!input_has_no_nul(describing, deed, texts[i], problem))
            return false;
    return sql_place_check(describing, deed, problem) &&
           input_is_name(describing, deed, "path", problem) &&
           input_is_name(describing, deed, "script", problem);
}

void sql_show_statement(const struct deed *deed, const struct value *statement, struct buffer *into)
{
    const struct value *args = input_value(deed, "args");
    show_lines(statement, into);
    for (size_t i = 0; args->kind == VALUE_LIST && i < args->list.count; i++) {
        buffer_format(into, "\n  $%zu = ", i + 1);
        value_show(args->list.at[i], 0, into);
    }
    if (args->kind == VALUE_UNKNOWN) {
        buffer_text(into, "\n  with ");
        input_show_value(args, into);
    }
}

/* ---- statements ---- */

void sql_add(struct sql_request *request, const char *text, const struct value *args)
{
    struct postgres_statement *statement = arena_alloc(request->arena, sizeof *statement);
    size_t count = args != NULL && args->kind == VALUE_LIST ? args->list.count : 0;
    const char **texts = arena_alloc(request->arena, (count + 1) * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = sql_parameter(request->arena, args->list.at[i]);
    *statement = (struct postgres_statement){text, texts, count};
    list_add(request->arena, &request->statements, statement);
}

/* ---- its end ---- */

static void free_arena(void *arena)
{
    arena_free(arena);
}

static void tell(struct work *work)
{
    struct outcome *outcome = arena_alloc(work->stage.arena, sizeof *outcome);
    *outcome = work->outcome;
    outcome->duration = loop_now(work->stage.loop) - work->began;
    output_end(&work->log);
    arena_finally(work->stage.arena, free_arena, work->request.arena);
    work->stage.ended(work->stage.context, outcome);
}

static void finished(void *data)
{
    struct work *work = data;
    if (!work->good && work->outcome.kind == OUTCOME_ENDED)
        work->outcome = answer_ill(work->stage.arena, OUTCOME_FAILED, "%s", work->failure.text);
    tell(work);
}

static void finish_in_pool(void *data, const atomic_bool *stop)
{
    struct work *work = data;
    (void)stop;
    work->good =
        work->about->finish(&work->request, work->outcome.kind == OUTCOME_ENDED, &work->failure);
}

static void finish(struct work *work)
{
    if (work->about->finish == NULL)
        tell(work);
    else
        loop_work(work->stage.loop, finish_in_pool, finished, work);
}

/* ---- what the answer means ---- */

/* Where in the statement: "line 2 column 7 of statement 3", or of the script. */
static void add_position(const struct work *work, const struct postgres_error *error,
                         struct buffer *into)
{
    const struct postgres_statement *statement = work->request.statements.at[error->statement];
    size_t line = 1, column = 1, count = work->request.statements.count;
    for (size_t i = 0; error->has_position && i < error->position; i++) {
        bool ends = statement->text[i] == '\n';
        line += ends;
        column = ends ? 1 : column + (((unsigned char)statement->text[i] & 0xc0) != 0x80);
    }
    if (work->request.lines.count > 0) {
        const struct sql_statement *at = work->request.lines.at[error->statement];
        buffer_format(into, ", line %zu", at->line + line - 1);
        if (error->has_position)
            buffer_format(into, " column %zu", column);
        return;
    }
    if (error->has_position)
        buffer_format(into, ", line %zu column %zu", line, column);
    if (count > 1)
        buffer_format(into, "%s statement %zu", error->has_position ? " of" : ",",
                      error->statement + 1);
}

static const char *message(const struct work *work, const struct postgres_answer *answer)
{
    const struct postgres_error *error = answer->error;
    struct buffer line = {0};
    if (answer->result == POSTGRES_TIMED_OUT && answer->duration >= work->stage.limit)
        buffer_format(&line, "%s: not over within %s", work->name,
                      duration_print(work->stage.arena, work->stage.limit));
    else
        buffer_format(&line, "%s: %s", work->name, answer->failure.text);
    if (error != NULL && error->statement < work->request.statements.count)
        add_position(work, error, &line);
    if (error != NULL && error->detail != NULL)
        buffer_format(&line, "; %s", error->detail);
    if (error != NULL && error->hint != NULL)
        buffer_format(&line, "; hint: %s", error->hint);
    if (work->request.scope == POSTGRES_ALONE && answer->statements > 0)
        buffer_format(&line, "; %zu of %zu statements were done before", answer->statements,
                      (size_t)work->request.statements.count);
    if (answer->unsettled)
        buffer_text(&line, "; the server may have done it");
    else if (work->request.scope == POSTGRES_TRANSACTION && answer->result != POSTGRES_UNREACHABLE)
        buffer_text(&line, "; nothing of it was kept");
    for (size_t i = 0; i < line.length; i++)
        line.at[i] = line.at[i] == '\n' ? ' ' : line.at[i];
    const char *text = arena_copy(work->stage.arena, line.at, line.length);
    buffer_free(&line);
    return text;
}

/* What was rolled back is known not to have happened: that is a failure, and no doubt. One that may
 * be repeated says why it ended, since `retry` asks. */
static enum outcome_kind ill_kind(const struct work *work, const struct postgres_answer *answer)
{
    if (answer->unsettled)
        return OUTCOME_LOST;
    switch (answer->result) {
    case POSTGRES_UNREACHABLE:
        return OUTCOME_NOT_STARTED;
    case POSTGRES_TIMED_OUT:
        return work->repeatable ? OUTCOME_TIMED_OUT : OUTCOME_FAILED;
    case POSTGRES_CANCELLED:
        return work->repeatable ? OUTCOME_CANCELLED : OUTCOME_FAILED;
    case POSTGRES_DONE:
    case POSTGRES_REFUSED:
    case POSTGRES_LOST:
    case POSTGRES_TOO_LARGE:
    case POSTGRES_NO_FILE:
        break;
    }
    return OUTCOME_FAILED;
}

static struct outcome outcome_of(const struct work *work, const struct postgres_answer *answer)
{
    if (answer->result == POSTGRES_DONE)
        return work->about->tell(work->stage.arena, answer);
    if (work->about->down != NULL && answer->is_down) {
        struct answer down = {.arena = work->stage.arena};
        answer_add(&down, work->about->down, &value_false);
        return answer_ended(&down);
    }
    return answer_ill(work->stage.arena, ill_kind(work, answer), "%s", message(work, answer));
}

struct outcome sql_tell_count(struct arena *arena, const char *output,
                              const struct postgres_answer *answer)
{
    struct answer told = {.arena = arena};
    answer_add(&told, output, value_integer(arena, VALUE_INT, answer->affected));
    return answer_ended(&told);
}

/* ---- the conversation ---- */

static void done(void *data, const struct postgres_answer *answer)
{
    struct work *work = data;
    work->postgres = NULL;
    work->outcome = outcome_of(work, answer);
    finish(work);
}

static void notice(void *data, const char *severity, const char *text)
{
    struct work *work = data;
    const char *line = arena_format(work->stage.arena, "%s: %s\n", severity, text);
    output_add(&work->log, line, strlen(line));
    if (work->stage.output != NULL)
        work->stage.output(work->stage.context, 2, text_of(line));
}

static void written(void *data)
{
    struct work *work = data;
    if (work->postgres != NULL)
        postgres_commit(work->postgres);
}

static void prove(void *data, const struct postgres_proof *proof)
{
    struct work *work = data;
    struct arena *arena = work->stage.arena;
    const struct member members[] = {{"transaction", value_string(arena, proof->transaction)},
                                     {"server", value_string(arena, proof->server)}};
    work->stage.prove(work->stage.context, value_map(arena, members, 2), written, work);
}

static void converse(void *data)
{
    struct work *work = data;
    struct sql_request *request = &work->request;
    size_t count = request->statements.count;
    if (work->cancelled) {
        work->outcome = answer_ill(work->stage.arena, OUTCOME_CANCELLED, "cancelled");
        if (!work->repeatable)
            work->outcome.kind = OUTCOME_NOT_STARTED;
        finish(work);
        return;
    }
    work->statements = arena_alloc(work->stage.arena, (count + 1) * sizeof *work->statements);
    for (size_t i = 0; i < count; i++)
        work->statements[i] = *(const struct postgres_statement *)request->statements.at[i];
    struct postgres_spec spec = {.timeout = work->stage.limit,
                                 .grace = work->stage.grace,
                                 .scope = request->scope,
                                 .statements = work->statements,
                                 .count = count,
                                 .copy = request->copy,
                                 .file = request->file,
                                 .prove = work->stage.prove != NULL ? prove : NULL,
                                 .notice = notice,
                                 .done = done,
                                 .data = work};
    sql_place_fill(work->deed, &work->stage, &spec);
    work->postgres = postgres_start(work->stage.loop, &spec);
}

static void prepared(void *data)
{
    struct work *work = data;
    if (work->good) {
        converse(work);
        return;
    }
    work->outcome = answer_ill(work->stage.arena, OUTCOME_NOT_STARTED, "%s", work->failure.text);
    tell(work);
}

static void prepare_in_pool(void *data, const atomic_bool *stop)
{
    struct work *work = data;
    (void)stop;
    work->good = work->about->prepare(&work->request, &work->failure);
}

static struct work *work_new(const struct deed *deed, const struct stage *stage,
                             const struct sql_about *about)
{
    struct work *work = arena_alloc(stage->arena, sizeof *work);
    const char *path = input_text(deed, "path");
    if (path == NULL)
        path = input_text(deed, "script");
    *work = (struct work){.stage = *stage,
                          .deed = deed,
                          .about = about,
                          .name = sql_place_name(deed, stage),
                          .repeatable = !stage->shim,
                          .began = loop_now(stage->loop)};
    work->request = (struct sql_request){.deed = deed, .arena = arena_new(), .file = -1};
    const char *log = stage->run_folder < 0 ? NULL
                                            : arena_format(stage->arena, "logs/%llu.err",
                                                           (unsigned long long)stage->attempt);
    output_begin(&work->log, stage->run_folder, log, 0);
    if (path != NULL)
        work->request.path = place_join(stage->arena, place_base(stage->arena, deed, stage), path);
    return work;
}

struct work *sql_start(const struct deed *deed, const struct stage *stage,
                       const struct sql_about *about)
{
    struct work *work = work_new(deed, stage, about);
    about->fill(&work->request);
    if (about->prepare != NULL && work->request.path != NULL) {
        loop_work(stage->loop, prepare_in_pool, prepared, work);
    } else {
        loop_later(stage->loop, converse, work);
    }
    return work;
}

static void ask_fate(void *data);

void sql_cancel(struct work *work)
{
    work->cancelled = true;
    if (work->postgres != NULL)
        postgres_cancel(work->postgres);
    else if (work->timer.loop != NULL) /* it runs: settle would ask again */
        loop_timer_start(work->stage.loop, &work->timer, 0, ask_fate, work);
}

/* ---- settling ---- */

static void cannot_say(struct work *work, const char *why)
{
    work->outcome = answer_ill(work->stage.arena, OUTCOME_LOST, "%s: %s", work->name, why);
    tell(work);
}

static void ask_again(struct work *work, const char *why)
{
    int64_t limit = work->stage.limit > 0 && work->stage.limit < SETTLE_WITHIN ? work->stage.limit
                                                                               : SETTLE_WITHIN;
    if (work->cancelled || loop_now(work->stage.loop) - work->began > limit)
        cannot_say(work, why);
    else
        loop_timer_start(work->stage.loop, &work->timer, UNITS_SECOND / 2, ask_fate, work);
}

static void fate_told(void *data, const struct postgres_answer *answer)
{
    struct work *work = data;
    work->postgres = NULL;
    switch (postgres_fate_of(answer)) {
    case POSTGRES_COMMITTED:
        work->outcome = (struct outcome){.kind = OUTCOME_ENDED};
        tell(work);
        return;
    case POSTGRES_ABORTED:
        work->outcome = answer_ill(work->stage.arena, OUTCOME_NOT_STARTED,
                                   "%s: the server rolled the transaction back", work->name);
        tell(work);
        return;
    case POSTGRES_AT_WORK:
        ask_again(work, "the transaction is still at work on the server");
        return;
    case POSTGRES_FORGOTTEN:
        cannot_say(work, "the server can't tell what became of the transaction");
        return;
    case POSTGRES_UNASKED:
        ask_again(work, arena_format(work->stage.arena, "%s", answer->failure.text));
        return;
    }
}

static void ask_fate(void *data)
{
    struct work *work = data;
    const struct value *proof = work->stage.proof;
    struct arena *arena = work->stage.arena;
    const char **args = arena_alloc(arena, 2 * sizeof *args);
    if (work->cancelled) {
        cannot_say(work, "cancelled");
        return;
    }
    args[0] = value_print(arena, value_member(arena, proof, "transaction"));
    args[1] = value_print(arena, value_member(arena, proof, "server"));
    work->statements = arena_alloc(arena, sizeof *work->statements);
    *work->statements = (struct postgres_statement){postgres_settle, args, 2};
    struct postgres_spec spec = {.timeout = 10 * UNITS_SECOND,
                                 .grace = UNITS_SECOND,
                                 .scope = POSTGRES_READING,
                                 .statements = work->statements,
                                 .count = 1,
                                 .done = fate_told,
                                 .data = work};
    sql_place_fill(work->deed, &work->stage, &spec);
    work->postgres = postgres_start(work->stage.loop, &spec);
}

/* The proof is on the disk before COMMIT is sent: without one nothing was committed. */
static void not_committed(void *data)
{
    struct work *work = data;
    work->outcome = answer_ill(work->stage.arena, OUTCOME_NOT_STARTED,
                               "%s: it did not come to its COMMIT", work->name);
    tell(work);
}

static void no_transaction(void *data)
{
    cannot_say(data, "it was no transaction, and nobody can tell what was done");
}

struct work *sql_settle(const struct deed *deed, const struct stage *stage)
{
    struct work *work = work_new(deed, stage, NULL);
    const struct value *together = input_value(deed, "transaction");
    bool alone = together->kind == VALUE_BOOL && !together->truth;
    loop_later(stage->loop,
               stage->proof != NULL ? ask_fate
               : alone              ? no_transaction
                                    : not_committed,
               work);
    return work;
}
