/* mail.send: one mail, handed to an SMTP server. */
#include "actions/actions.h"
#include "actions/answer.h"
#include "actions/input.h"
#include "actions/letter.h"
#include "actions/place.h"
#include "actions/show.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/action.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "sys/loop.h"
#include "sys/mail.h"

#include <stdlib.h>
#include <string.h>

struct work {
    struct stage stage;
    struct mail *mail;
    const char *line; /* "mail by smtp://…", for messages */
    const char *id;   /* its Message-ID */
};

static const struct param_about params[] = {
    {"url", "url", NULL, true,
     "the server: smtp://HOST:PORT, or smtps:// where TLS comes first; certificates are always "
     "checked"},
    {"from", "string", NULL, true, "the sender, as `ops@example.org` or `Ops <ops@example.org>`"},
    {"to", "list<string>", NULL, true, "who it is for; all of them are accepted, or it fails"},
    {"subject", "string", NULL, true, "one line"},
    {"text", "string", NULL, true, "what it says, as plain text"},
    {"cc", "list<string>", NULL, false, "who gets a copy"},
    {"user", "string", NULL, false, "who logs in"},
    {"password", "secret", NULL, false, "the user's"},
    {"starttls", "bool", "true", false,
     "of smtp://, that nothing is said before TLS is agreed; false: it goes in the clear, as to a "
     "relay on this machine"},
    {"ca", "path", NULL, false, "a file of the authorities to trust; without it the system's"},
    {0},
};
static const struct param_about outputs[] = {
    {"id", "string", NULL, true, "its Message-ID, the same whenever this step sends it again"},
    {"code", "int", NULL, true, "the server's answer, as 250"},
    {"reply", "string", NULL, true, "the line behind it, which often names its place in the queue"},
    {"duration", "duration", NULL, true, "from the start to the answer"},
    {0},
};

/* ---- describing ---- */

static bool check_url(const struct describing *describing, const struct deed *deed,
                      struct problem *problem)
{
    const struct value *url = input_value(deed, "url");
    bool login = input_value(deed, "user")->kind != VALUE_UNSET;
    if (login != (input_value(deed, "password")->kind != VALUE_UNSET))
        return input_refuse(describing, problem,
                            "mail.send: `user` and `password` go together, and one is missing");
    if (url->kind != VALUE_TEXT)
        return true;
    bool clear = strncmp(url->text.at, "smtp://", 7) == 0;
    if (!clear && strncmp(url->text.at, "smtps://", 8) != 0)
        return input_refuse(
            describing, problem,
            "mail.send: `url` is \"%.200s\", wanted one that begins with smtp:// or smtps://",
            url->text.at);
    if (!text_is_line(url->text) || memchr(url->text.at, ' ', url->text.length) != NULL)
        return input_refuse(describing, problem,
                            "mail.send: `url` holds a blank or a control character");
    if (memchr(url->text.at, '@', url->text.length) != NULL)
        return input_refuse(
            describing, problem,
            "mail.send: `url` holds an @; who logs in goes into `user` and a secret "
            "`password`");
    if (clear && login && !input_flag(deed, "starttls"))
        return input_refuse(describing, problem,
                            "mail.send: a password does not go in the clear; leave `starttls` out, "
                            "or use smtps://");
    return true;
}

static bool check_address(const struct describing *describing, const char *name,
                          const struct value *value, struct problem *problem)
{
    struct address address;
    const char *why =
        value->kind == VALUE_TEXT ? address_read(describing->arena, value->text, &address) : NULL;
    if (why == NULL)
        return true;
    struct buffer shown = {0};
    buffer_printable(&shown, value->text);
    input_refuse(describing, problem, "mail.send: `%s`: \"%.200s\" is no address: %s", name,
                 shown.at ? shown.at : "", why);
    buffer_free(&shown);
    return false;
}

static bool check_addresses(const struct describing *describing, const struct deed *deed,
                            const char *name, struct problem *problem)
{
    const struct value *list = input_value(deed, name);
    for (size_t i = 0; list->kind == VALUE_LIST && i < list->list.count; i++)
        if (!check_address(describing, name, list->list.at[i], problem))
            return false;
    return true;
}

static bool check_words(const struct describing *describing, const struct deed *deed,
                        struct problem *problem)
{
    const struct value *to = input_value(deed, "to");
    const struct value *text = input_value(deed, "text");
    const struct value *subject = input_value(deed, "subject");
    static const struct text nothing = {"", 0};
    const char *why = letter_problem(subject->kind == VALUE_TEXT ? subject->text : nothing,
                                     text->kind == VALUE_TEXT ? text->text : nothing);
    if (to->kind == VALUE_LIST && to->list.count == 0)
        why = "`to` names nobody";
    return why == NULL || input_refuse(describing, problem, "mail.send: %s", why);
}

static bool describe(const struct describing *describing, const struct value *args,
                     struct deed *deed, struct problem *problem)
{
    input_take(describing, args, deed);
    return check_url(describing, deed, problem) &&
           check_address(describing, "from", input_value(deed, "from"), problem) &&
           check_addresses(describing, deed, "to", problem) &&
           check_addresses(describing, deed, "cc", problem) &&
           check_words(describing, deed, problem) &&
           input_has_no_nul(describing, deed, "user", problem) &&
           input_is_name(describing, deed, "ca", problem);
}

static void show_line(const struct deed *deed, const char *before, const char *name,
                      struct buffer *into)
{
    const struct value *value = input_value(deed, name);
    bool list = value->kind == VALUE_LIST;
    if (value->kind == VALUE_UNSET)
        return;
    buffer_text(into, before);
    for (size_t i = 0; list && i < value->list.count; i++) {
        buffer_text(into, i > 0 ? ", " : "");
        input_show_value(value->list.at[i], into);
    }
    if (!list)
        input_show_value(value, into);
}

static void show(const struct deed *deed, struct buffer *into)
{
    show_line(deed, "mail by ", "url", into);
    const char *url = input_text(deed, "url");
    if (!input_flag(deed, "starttls") && url != NULL && strncmp(url, "smtp:", 5) == 0)
        buffer_text(into, " in the clear");
    show_line(deed, "\n  as ", "user", into);
    show_line(deed, " with ", "password", into);
    show_line(deed, "\n  trusting ", "ca", into);
    show_line(deed, "\n  From: ", "from", into);
    show_line(deed, "\n  To: ", "to", into);
    show_line(deed, "\n  Cc: ", "cc", into);
    show_line(deed, "\n  Subject: ", "subject", into);
    show_lines(input_value(deed, "text"), into);
}

/* ---- the outcome ---- */

/* Without the answer to the whole message nobody knows; before it was whole there is no mail. */
static enum outcome_kind ill_kind(const struct mail_answer *answer)
{
    switch (answer->result) {
    case MAIL_ACCEPTED:
        return OUTCOME_ENDED;
    case MAIL_REFUSED:
        return OUTCOME_FAILED;
    case MAIL_UNREACHABLE:
    case MAIL_NOT_SENT:
        return OUTCOME_NOT_STARTED;
    case MAIL_LOST:
        return OUTCOME_LOST;
    case MAIL_TIMED_OUT:
        return OUTCOME_TIMED_OUT;
    case MAIL_CANCELLED:
        return OUTCOME_CANCELLED;
    }
    return OUTCOME_LOST;
}

static struct outcome outcome_of(const struct work *work, const struct mail_answer *reply)
{
    struct arena *arena = work->stage.arena;
    struct answer answer = {.arena = arena};
    const char *why = reply->failure.text;
    if (reply->result == MAIL_TIMED_OUT)
        why = arena_format(arena, "no answer within %s", duration_print(arena, work->stage.limit));
    if (reply->result != MAIL_ACCEPTED)
        return answer_ill(arena, ill_kind(reply), "%s: %s%s", work->line, why,
                          reply->sent && reply->result != MAIL_REFUSED
                              ? ", and the server may have taken it over"
                              : "");
    answer_text(&answer, "id", work->id);
    answer_add(&answer, "code", value_integer(arena, VALUE_INT, reply->code));
    answer_text(&answer, "reply", reply->reply);
    answer_add(&answer, "duration", value_integer(arena, VALUE_DURATION, reply->duration));
    return answer_ended(&answer);
}

static void on_done(void *data, const struct mail_answer *reply)
{
    struct work *work = data;
    struct outcome *outcome = arena_alloc(work->stage.arena, sizeof *outcome);
    *outcome = outcome_of(work, reply);
    outcome->duration = reply->duration;
    work->mail = NULL;
    work->stage.ended(work->stage.context, outcome);
}

/* ---- starting ---- */

/* The addresses of the list NAME; its last has a NULL mailbox. Describe looked at them. */
static const struct address *addresses(struct arena *arena, const struct deed *deed,
                                       const char *name)
{
    const struct value *list = input_value(deed, name);
    size_t count = list->kind == VALUE_LIST ? list->list.count : 0;
    struct address *all = arena_alloc(arena, (count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        address_read(arena, list->list.at[i]->text, &all[i]);
    all[count] = (struct address){0};
    return all;
}

static const char *const *recipients(struct arena *arena, const struct letter *letter)
{
    size_t count = 0;
    for (const struct address *one = letter->to; one->mailbox; one++)
        count++;
    for (const struct address *one = letter->cc; one->mailbox; one++)
        count++;
    const char **all = arena_alloc(arena, (count + 1) * sizeof *all);
    count = 0;
    for (const struct address *one = letter->to; one->mailbox; one++)
        all[count++] = one->mailbox;
    for (const struct address *one = letter->cc; one->mailbox; one++)
        all[count++] = one->mailbox;
    all[count] = NULL;
    return all;
}

static struct letter letter_of(const struct deed *deed, const struct stage *stage)
{
    struct letter letter = {
        .to = addresses(stage->arena, deed, "to"),
        .cc = addresses(stage->arena, deed, "cc"),
        .subject = input_bytes(deed, "subject"),
        .text = input_bytes(deed, "text"),
        .run = stage->run,
        .step = stage->step,
        .date = loop_wall(stage->loop),
    };
    address_read(stage->arena, input_bytes(deed, "from"), &letter.from);
    return letter;
}

static struct work *start(const struct deed *deed, const struct stage *stage)
{
    struct arena *arena = stage->arena;
    struct work *work = arena_alloc(arena, sizeof *work);
    struct letter letter = letter_of(deed, stage);
    struct buffer message = {0};
    bool login = input_value(deed, "user")->kind != VALUE_UNSET;
    const char *ca = input_text(deed, "ca");
    letter_print(&message, &letter);
    *work = (struct work){.stage = *stage,
                          .line = arena_format(arena, "mail by %s", input_text(deed, "url")),
                          .id = letter_id(arena, &letter)};
    struct mail_spec spec = {
        .url = input_text(deed, "url"),
        .from = letter.from.mailbox,
        .recipients = recipients(arena, &letter),
        .message = buffer_slice(&message),
        .starttls = input_flag(deed, "starttls"),
        .authorities = ca ? place_join(arena, place_base(arena, deed, stage), ca) : NULL,
        .user = input_text(deed, "user"),
        .password =
            login ? secrets_reveal(arena, stage->secrets, input_value(deed, "password")).at : NULL,
        .timeout = stage->limit};
    work->mail = mail_send(stage->transfers, &spec, on_done, work);
    buffer_free(&message);
    return work;
}

static void cancel(struct work *work)
{
    if (work->mail != NULL)
        mail_cancel(work->mail);
}

const struct core_action action_mail_send = {
    .name = "mail.send",
    .about = "Sends a mail. Sent again by the same step of the same run, also after a resume, it "
             "has the same Message-ID, by which it is recognised as the same mail.",
    .effect = EFFECT_CHANGE,
    .idempotent = true,
    .form = FORM_WORK,
    .params = params,
    .outputs = outputs,
    .describe = describe,
    .start = start,
    .cancel = cancel,
    .show = show,
};
