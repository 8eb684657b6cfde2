/* The proof, on the opened graph: each case is a runbook that must pass, or must be refused with
 * these words. */
#include "plan_fixture.h"

/* A library whose actions destroy, protect, and do both. */
static const char library[] =
    "library: lib\n"
    "about: for tests\n"
    "actions:\n"
    "  remove:\n"
    "    effect: destroy\n"
    "    destroys: ['volume:${params.name}']\n"
    "    params: {name: {type: string, pattern: '^[a-z]+$'}}\n"
    "    steps:\n"
    "      rm: {exec: [docker, volume, rm, '${params.name}'], destroys: "
    "['volume:${params.name}']}\n"
    "  save:\n"
    "    effect: change\n"
    "    protects: ['volume:${params.name}']\n"
    "    params: {name: {type: string, pattern: '^[a-z]+$'}}\n"
    "    steps:\n"
    "      tar: {exec: [tar, '${params.name}']}\n"
    "  good_save:\n"
    "    effect: change\n"
    "    params: {name: {type: string, pattern: '^[a-z]+$'}}\n"
    "    steps:\n"
    "      tar:\n"
    "        exec: [tar, '${params.name}']\n"
    "        protects: ['volume:${params.name}']\n"
    "        verify: [{exec: [look]}]\n"
    "  swap:\n"
    "    effect: destroy\n"
    "    destroys: ['volume:${params.name}']\n"
    "    params: {name: {type: string, pattern: '^[a-z]+$'}}\n"
    "    steps:\n"
    "      keep:\n"
    "        exec: [tar, '${params.name}']\n"
    "        protects: ['volume:${params.name}']\n"
    "        verify: [{exec: [look]}]\n"
    "      rm: {exec: [rm, '${params.name}'], destroys: ['volume:${params.name}']}\n"
    "  bad_swap:\n"
    "    effect: destroy\n"
    "    destroys: ['volume:${params.name}']\n"
    "    params: {name: {type: string, pattern: '^[a-z]+$'}}\n"
    "    steps:\n"
    "      rm: {exec: [rm, '${params.name}'], destroys: ['volume:${params.name}']}\n"
    "      keep:\n"
    "        exec: [tar, '${params.name}']\n"
    "        protects: ['volume:${params.name}']\n"
    "        verify: [{exec: [look]}]\n";

#define HEAD   "runbook: t\ntarget: [{file.stat: etc/machine}]\n"
#define PARAMS HEAD "params: {name: {type: string, default: data}}\n"
#define PAIR                                                                                    \
    HEAD "allow: {RB106: So.}\nparams: {cold: {type: bool, default: true}, more: {type: bool, " \
         "default: "                                                                            \
         "true}}\nsteps:\n"
#define SAVE   "  save: {lib.save: data, verify: [{exec: [look]}]}\n"
#define REMOVE "  gone: {lib.remove: data}\n"
#define OK     "idempotent: true"

struct proof_case {
    const char *name;
    const char *text;
    const char *code; /* NULL: no finding but notes */
    const char *says; /* a part of the findings */
};

static const struct proof_case cases[] = {
    {"a verified copy before", HEAD "steps:\n" SAVE REMOVE, NULL, NULL},
    {"no copy", HEAD "steps:\n" REMOVE, "RB201",
     "gone destroys volume:data, and no verified copy is sure to be there"},
    {"no copy, with the place in the runbook", HEAD "steps:\n" REMOVE, "RB201", "test.yaml:4:3:"},
    {"an accepted loss", HEAD "steps:\n  gone: {lib.remove: data, accept_loss: It is new.}\n", NULL,
     NULL},
    {"an accepted loss of the group around",
     HEAD "steps:\n  all: {steps: {gone: {lib.remove: data}}, accept_loss: It is new.}\n", NULL,
     NULL},
    {"a copy that is not verified", HEAD "steps:\n  save: {lib.save: data}\n" REMOVE, "RB201",
     "save protects it, but has no verify"},
    {"a copy of something else",
     HEAD "steps:\n  save: {lib.save: other, verify: [{exec: [look]}]}\n" REMOVE, "RB201",
     "no verified copy"},
    {"a copy after", HEAD "steps:\n" REMOVE SAVE, "RB201",
     "save protects it, but is not sure to have ended before"},
    {"a copy at the side", HEAD "steps:\n" SAVE "  gone: {needs: [], lib.remove: data}\n", "RB201",
     "is not sure to have ended before"},
    {"a copy on one of two ways",
     HEAD "steps:\n" SAVE "  other: {needs: [], exec: [x]}\n"
          "  gone: {needs: [other], lib.remove: data}\n",
     "RB201", "is not sure to have ended before"},
    {"a copy on one of two branches that join",
     HEAD "steps:\n" SAVE "  other: {needs: [], exec: [x]}\n"
          "  gone: {needs: [other, save], lib.remove: data}\n",
     NULL, NULL},
    {"a copy that may be skipped",
     HEAD "steps:\n  see: {exec: [see]}\n"
          "  save: {when: \"${steps.see.exit == 0}\", lib.save: data, verify: [{exec: "
          "[look]}]}\n" REMOVE,
     "RB201", "save protects it, but may be skipped by its when"},
    {"a copy under the same condition",
     HEAD "steps:\n  see: {exec: [see]}\n"
          "  save: {when: \"${steps.see.exit == 0}\", lib.save: data, verify: [{exec: [look]}]}\n"
          "  gone: {when: \"${steps.see.exit == 0}\", lib.remove: data}\n",
     NULL, NULL},
    {"only when the copy was done",
     HEAD "steps:\n"
          "  save: {lib.save: data, verify: [{exec: [look]}], tolerate: It may be empty.}\n"
          "  gone: {when: \"${steps.save.state == 'done'}\", lib.remove: data}\n",
     NULL, NULL},
    {"a copy that may fail",
     HEAD "steps:\n"
          "  save: {lib.save: data, verify: [{exec: [look]}], tolerate: It may be empty.}\n" REMOVE,
     "RB201", "save protects it, but may fail and is tolerated"},
    {"a copy in a group that may fail",
     HEAD
     "steps:\n"
     "  both: {steps: {save: {lib.save: data, verify: [{exec: [look]}]}}, tolerate: So.}\n" REMOVE,
     "RB201", "both/save protects it, but may fail and is tolerated"},
    {"a copy in a group",
     HEAD "steps:\n  both: {steps: {save: {lib.save: data, verify: [{exec: "
          "[look]}]}}}\n" REMOVE,
     NULL, NULL},
    {"a verified copy inside a composite", HEAD "steps:\n  save: {lib.good_save: data}\n" REMOVE,
     NULL, NULL},
    {"a composite that saves, then destroys", HEAD "steps:\n  swap: {lib.swap: data}\n", NULL,
     NULL},
    {"a composite that destroys, then saves", HEAD "steps:\n  swap: {lib.bad_swap: data}\n",
     "RB201", "swap destroys volume:data"},
    {"names are compared as bound",
     PARAMS "steps:\n  save: {lib.save: data, verify: [{exec: [look]}]}\n"
            "  gone: {lib.remove: '${params.name}'}\n",
     NULL, NULL},
    {"what is not known is equal by its source",
     HEAD "steps:\n  find: {exec: [find]}\n"
          "  save: {lib.save: '${steps.find.stdout}', verify: [{exec: [look]}]}\n"
          "  gone: {lib.remove: '${steps.find.stdout}'}\n",
     NULL, NULL},
    {"equal ids in two groups are two steps",
     HEAD "steps:\n"
          "  a: {steps: {find: {exec: [find]}, save: {lib.save: '${steps.find.stdout}', "
          "verify: [{exec: [look]}]}}}\n"
          "  b: {steps: {find: {exec: [find]}, gone: {lib.remove: '${steps.find.stdout}'}}}\n",
     "RB201", "b/gone destroys volume:‹steps.b/find.stdout›"},
    {"in each item of a loop",
     HEAD "steps:\n  list: {exec: [ls]}\n"
          "  each:\n"
          "    foreach: {as: v, in: '${lines(steps.list.stdout)}'}\n"
          "    steps:\n"
          "      save: {lib.save: '${item.v}', verify: [{exec: [look]}]}\n"
          "      gone: {lib.remove: '${item.v}'}\n",
     NULL, NULL},
    {"two loops over the same list",
     HEAD "steps:\n  list: {exec: [ls]}\n"
          "  saved:\n"
          "    foreach: {as: v, in: '${lines(steps.list.stdout)}'}\n"
          "    lib.save: '${item.v}'\n"
          "    verify: [{exec: [look]}]\n"
          "  gone:\n"
          "    foreach: {as: v, in: '${lines(steps.list.stdout)}'}\n"
          "    lib.remove: '${item.v}'\n",
     NULL, NULL},
    {"two loops over two lists",
     HEAD "steps:\n  list: {exec: [ls]}\n  more: {exec: [ls]}\n"
          "  saved:\n"
          "    foreach: {as: v, in: '${lines(steps.list.stdout)}'}\n"
          "    lib.save: '${item.v}'\n"
          "    verify: [{exec: [look]}]\n"
          "  gone:\n"
          "    foreach: {as: v, in: '${lines(steps.more.stdout)}'}\n"
          "    lib.remove: '${item.v}'\n",
     "RB201", "loops over something else"},
    {"one of a list is not saved",
     HEAD "steps:\n"
          "  saved: {foreach: {as: v, in: [a, b]}, lib.save: '${item.v}', verify: [{exec: "
          "[look]}]}\n"
          "  gone: {foreach: {as: v, in: [a, b, c]}, lib.remove: '${item.v}'}\n",
     "RB201", "gone[c] destroys volume:c"},
    {"a copy in on_failure may have failed",
     HEAD "steps:\n  one: {exec: ['true']}\n"
          "on_failure:\n" SAVE REMOVE,
     "RB201", "stands in on_failure, where a failure blocks nothing"},
    {"in on_failure, asked for",
     HEAD "steps:\n  one: {exec: ['true']}\n"
          "on_failure:\n" SAVE
          "  gone: {when: \"${steps.save.state == 'done'}\", lib.remove: data}\n",
     NULL, NULL},
    {"a copy of the steps is not sure in on_failure", HEAD "steps:\n" SAVE "on_failure:\n" REMOVE,
     "RB201", "is not sure to have ended before"},
    {"a release that destroys",
     HEAD "steps:\n  hold: {exec: [hold], release: [{lib.remove: data}]}\n", "RB201",
     "hold/release/1 destroys volume:data"},
    {"a release that destroys what was saved before",
     HEAD "steps:\n" SAVE "  hold: {exec: [hold], release: [{lib.remove: data}]}\n", NULL, NULL},
    {"one release does not wait for the other to end well",
     HEAD "steps:\n"
          "  hold: {exec: [hold], release: [{lib.save: data, verify: [{exec: [look]}]}, "
          "{lib.remove: data}]}\n",
     "RB201", "hold/release/1 protects it, but is not sure to have ended before"},
    {"a copy in a group that is passed over when it is done",
     HEAD "steps:\n"
          "  both:\n"
          "    done_if: [{exec: [look]}]\n"
          "    steps: {save: {lib.save: data, verify: [{exec: [look]}]}}\n" REMOVE,
     "RB201", "both/save protects it, but is not done where the done_if around it holds"},
    {"a copy that may be there already, and is verified all the same",
     HEAD "steps:\n"
          "  save: {lib.save: data, done_if: verified, verify: [{exec: [look]}]}\n" REMOVE,
     NULL, NULL},
    {"copies of known items that may be there already",
     HEAD "steps:\n"
          "  saved: {foreach: {as: v, in: [a, b]}, lib.save: '${item.v}', done_if: verified, "
          "verify: [{exec: [look]}]}\n"
          "  gone: {foreach: {as: v, in: [a, b]}, lib.remove: '${item.v}'}\n",
     NULL, NULL},
    {"a condition that changes while the run goes on",
     HEAD "steps:\n"
          "  save: {when: '${run.irreversible}', lib.save: data, verify: [{exec: [look]}]}\n"
          "  cut: {exec: [cut], irreversible: So.}\n"
          "  gone: {when: '${run.irreversible}', lib.remove: data}\n",
     "RB201", "save protects it, but may be skipped by its when"},
    {"the state of a step that is skipped can be asked",
     HEAD "steps:\n"
          "  never: {when: '${false}', exec: [a]}\n"
          "  gone: {when: \"${steps.never.state == 'skipped'}\", lib.remove: data}\n",
     "RB201", "no verified copy"},
    {"a second copy where the first failed",
     HEAD "steps:\n"
          "  save: {lib.save: data, verify: [{exec: [look]}], tolerate: There is another way.}\n"
          "  again: {when: \"${steps.save.state == 'failed'}\", lib.save: data, verify: [{exec: "
          "[look]}]}\n" REMOVE,
     NULL, NULL},
    {"a second copy only where the first was skipped",
     HEAD "steps:\n"
          "  save: {lib.save: data, verify: [{exec: [look]}], tolerate: There is another way.}\n"
          "  again: {when: \"${steps.save.state == 'skipped'}\", lib.save: data, verify: [{exec: "
          "[look]}]}\n" REMOVE,
     "RB201", "when save fails"},
    {"the same words that mean another step",
     HEAD "steps:\n"
          "  see: {exec: [see]}\n"
          "  all:\n"
          "    steps:\n"
          "      see: {exec: [see]}\n"
          "      save: {when: '${steps.see.exit == 0}', lib.save: data, verify: [{exec: [look]}]}\n"
          "  gone: {when: '${steps.see.exit == 0}', lib.remove: data}\n",
     "RB201", "all/save protects it, but may be skipped by its when"},
    {"what is destroyed is destroyed only if there is something",
     HEAD "steps:\n"
          "  list: {exec: [ls]}\n"
          "  saved: {foreach: {as: v, in: '${lines(steps.list.stdout)}', empty: ok}, lib.save: "
          "'${item.v}', verify: [{exec: [look]}]}\n"
          "  gone: {foreach: {as: v, in: '${lines(steps.list.stdout)}', empty: ok}, lib.remove: "
          "'${item.v}'}\n",
     NULL, NULL},
    {"a loop that may be empty saves what is destroyed once",
     HEAD "steps:\n"
          "  list: {exec: [ls]}\n"
          "  saved: {foreach: {as: v, in: '${lines(steps.list.stdout)}', empty: ok}, lib.save: "
          "data, verify: [{exec: [look]}]}\n" REMOVE,
     "RB201", "stands in a loop whose list may be empty"},
    {"a loop that may be empty, over a list that was not",
     HEAD "steps:\n"
          "  list: {exec: [ls]}\n"
          "  seen: {foreach: {as: v, in: '${lines(steps.list.stdout)}'}, exec: [look]}\n"
          "  saved: {foreach: {as: v, in: '${lines(steps.list.stdout)}', empty: ok}, lib.save: "
          "data, verify: [{exec: [look]}]}\n" REMOVE,
     NULL, NULL},
    {"a list that is made anew each time",
     HEAD "steps:\n"
          "  saved: {foreach: {as: v, in: [\"${format_time(now, '%a')}\"]}, lib.save: "
          "'${item.v}', verify: [{exec: [look]}]}\n"
          "  gone: {foreach: {as: v, in: [\"${format_time(now, '%a')}\"]}, lib.remove: "
          "'${item.v}'}\n",
     "RB201", "no verified copy"},
    {"in on_failure, where the copy of the steps was done",
     HEAD "steps:\n" SAVE "on_failure:\n"
          "  gone: {when: \"${steps.save.state == 'done'}\", lib.remove: data}\n",
     NULL, NULL},
    {"in on_failure, where something behind the copy failed",
     HEAD "steps:\n" SAVE "  load: {exec: [a]}\non_failure:\n"
          "  gone: {when: \"${steps.load.state == 'failed'}\", lib.remove: data}\n",
     NULL, NULL},
    {"in on_failure, by the name of what failed",
     HEAD "steps:\n" SAVE "  all: {steps: {load: {exec: [a]}}}\non_failure:\n"
          "  gone: {when: \"${failure.step == 'all/load'}\", lib.remove: data}\n",
     NULL, NULL},
    {"in on_failure, by the name of what failed before the copy",
     HEAD "steps:\n  see: {exec: [see]}\n" SAVE "on_failure:\n"
          "  gone: {when: \"${failure.step == 'see'}\", lib.remove: data}\n",
     "RB201", "failure.step is 'see'"},
    {"in on_failure, where something was not done",
     HEAD "steps:\n" SAVE "  load: {exec: [a]}\non_failure:\n"
          "  gone: {when: \"${steps.load.state != 'done'}\", lib.remove: data}\n",
     "RB201", "save was not done"},
    {"the copies of an earlier item, one at a time",
     HEAD "steps:\n"
          "  each:\n"
          "    foreach: {as: v, in: [one, two]}\n"
          "    steps:\n"
          "      gone: {when: \"${item.v == 'two'}\", lib.remove: data}\n"
          "      save: {lib.save: data, verify: [{exec: [look]}]}\n",
     NULL, NULL},
    {"the copies of an earlier item, some at a time",
     HEAD "steps:\n"
          "  each:\n"
          "    foreach: {as: v, in: [one, two], stop_after: 2}\n"
          "    steps:\n"
          "      gone: {when: \"${item.v == 'two'}\", lib.remove: data}\n"
          "      save: {lib.save: data, verify: [{exec: [look]}]}\n",
     "RB201", "each[one]/save protects it, but is not sure to have ended before"},
    {"in on_failure, where the copy was not skipped",
     HEAD "steps:\n" SAVE "on_failure:\n"
          "  gone: {when: \"${steps.save.state != 'skipped'}\", lib.remove: data}\n",
     "RB201", "when save was not done"},
    {"a file of a folder that was saved",
     HEAD "steps:\n"
          "  save: {exec: [cp], protects: ['file:a'], verify: [{exec: [look]}]}\n"
          "  gone: {file.remove: a/b/c}\n",
     NULL, NULL},
    {"a folder of which a file was saved",
     HEAD "steps:\n"
          "  save: {exec: [cp], protects: ['file:a/b'], verify: [{exec: [look]}]}\n"
          "  gone: {file.remove: a}\n",
     "RB201", "gone destroys file:a"},
    {"what a step accepts is not for its release",
     HEAD "steps:\n  hold: {lib.remove: data, accept_loss: So., release: [{lib.remove: data}]}\n",
     "RB201", "hold/release/1 destroys volume:data"},
    {"a file is the same by any spelling",
     HEAD "steps:\n"
          "  save: {exec: [cp], protects: ['file:./a//b'], verify: [{exec: [look]}]}\n"
          "  gone: {file.remove: a/b}\n",
     NULL, NULL},
    {"no target", "runbook: t\nsteps:\n" SAVE REMOVE, "RB206", "no target says on which system"},
    {"no target, allowed", "runbook: t\nallow: {RB206: A test.}\nsteps:\n" SAVE REMOVE, NULL, NULL},
    {"a target that is destroyed",
     "runbook: t\ntarget: [{file.stat: data/id}]\nsteps:\n"
     "  gone: {file.remove: data, accept_loss: So.}\n",
     "RB206", "target is asked of file:data, which the runbook destroys"},
    {"a target beside it",
     "runbook: t\ntarget: [{file.stat: database/id}]\nsteps:\n"
     "  gone: {file.remove: data, accept_loss: So.}\n",
     NULL, NULL},

    {"one file from two sides",
     "runbook: t\nsteps:\n"
     "  a: {file.write: {path: x, text: a}, " OK "}\n"
     "  b: {needs: [], file.write: {path: ./x, text: b}, " OK "}\n",
     "RB207", "a and b can run side by side, and both change file:x"},
    {"one file, one after the other",
     "runbook: t\nsteps:\n"
     "  a: {file.write: {path: x, text: a}, " OK "}\n"
     "  b: {file.write: {path: x, text: b}, " OK "}\n",
     NULL, NULL},
    {"two files",
     "runbook: t\nsteps:\n"
     "  a: {file.write: {path: x, text: a}, " OK "}\n"
     "  b: {needs: [], file.write: {path: z, text: b}, " OK "}\n",
     NULL, NULL},
    {"two branches of one condition",
     "runbook: t\nsteps:\n"
     "  see: {exec: [see], " OK "}\n"
     "  a: {when: \"${steps.see.exit == 0}\", file.write: {path: x, text: a}, " OK "}\n"
     "  b: {needs: [see], when: \"${not (steps.see.exit == 0)}\", file.write: {path: x, text: "
     "b}, " OK "}\n",
     NULL, NULL},
    {"one file from inside two groups",
     "runbook: t\nsteps:\n"
     "  a: {steps: {w: {file.write: {path: x, text: a}, " OK "}}}\n"
     "  b: {needs: [], steps: {w: {exec: {argv: [b], stdout_to: x}}}}\n",
     "RB207", "a/w and b/w can run side by side, and both change file:x"},
    {"two files from inside two groups",
     "runbook: t\nsteps:\n"
     "  a: {steps: {w: {file.write: {path: x, text: a}, " OK "}}}\n"
     "  b: {needs: [], steps: {w: {exec: {argv: [b], stdout_to: z}}}}\n",
     NULL, NULL},
    {"items at a time that write one file",
     "runbook: t\nsteps:\n"
     "  list: {exec: [ls], " OK "}\n"
     "  a: {foreach: {as: v, in: '${lines(steps.list.stdout)}', parallel: 2}, "
     "file.write: {path: x, text: '${item.v}'}, " OK "}\n",
     "RB207", "items of a run side by side, and each changes file:x"},
    {"items at a time that each write their own",
     "runbook: t\nsteps:\n"
     "  list: {exec: [ls], " OK "}\n"
     "  a: {foreach: {as: v, in: '${lines(steps.list.stdout)}', parallel: 2}, "
     "exec: {argv: [b], stdout_to: \"x_${capture(item.v, '^[a-z]+$') ?? 'none'}\"}, " OK "}\n",
     NULL, NULL},
    {"known items at a time that write one file",
     "runbook: t\nsteps:\n"
     "  a: {foreach: {as: v, in: [p, q], parallel: 2}, "
     "file.write: {path: x, text: '${item.v}'}, " OK "}\n",
     "RB207", "a[p] and a[q] can run side by side"},
    {"known items one at a time",
     "runbook: t\nsteps:\n"
     "  a: {foreach: {as: v, in: [p, q]}, file.write: {path: x, text: '${item.v}'}, " OK "}\n",
     NULL, NULL},

    {"too long",
     "runbook: t\nobjective: 5m\nsteps:\n"
     "  a: {exec: [a], " OK "}\n  b: {exec: [b], timeout: 10s, " OK "}\n",
     "RB401", "the steps may take 5m10s, and the objective is 5m"},
    {"too long, and which step is the longest",
     "runbook: t\nobjective: 5m\nsteps:\n"
     "  b: {exec: [b], timeout: 10s, " OK "}\n  a: {exec: [a], " OK "}\n",
     "RB401", "a: 5m of it"},
    {"long enough",
     "runbook: t\nobjective: 5m10s\nsteps:\n"
     "  a: {exec: [a], " OK "}\n  b: {exec: [b], timeout: 10s, " OK "}\n",
     NULL, NULL},
    {"without a bound",
     "runbook: t\nobjective: 5m\nsteps:\n"
     "  a: {wait: {until: '${run.started}'}}\n",
     "RB401", "nothing bounds a"},
};

/* Params that are not known yet: what a check goes by. */
static const struct proof_case unknown[] = {
    {"either of two branches saves",
     PAIR "  cold: {when: '${params.cold}', lib.save: data, verify: [{exec: [look]}]}\n"
          "  hot: {when: '${not params.cold}', lib.save: data, verify: [{exec: [look]}]}\n" REMOVE,
     NULL, NULL},
    {"one of two branches saves",
     PAIR "  cold: {when: '${params.cold}', lib.save: data, verify: [{exec: [look]}]}\n"
          "  hot: {when: '${not params.cold}', lib.save: data}\n" REMOVE,
     "RB201", "it is lost, for example, when params.cold is false"},
    {"less is destroyed than saved",
     PAIR "  save: {when: '${params.cold}', lib.save: data, verify: [{exec: [look]}]}\n"
          "  gone: {when: '${params.more and params.cold}', lib.remove: data}\n",
     NULL, NULL},
    {"more is destroyed than saved",
     PAIR "  save: {when: '${params.more and params.cold}', lib.save: data, verify: [{exec: "
          "[look]}]}\n"
          "  gone: {when: '${params.cold}', lib.remove: data}\n",
     "RB201", "params.more is false"},
    {"the copy was done, and more is asked",
     PAIR "  save: {lib.save: data, verify: [{exec: [look]}], tolerate: It may be empty.}\n"
          "  gone: {when: \"${params.cold and steps.save.state == 'done'}\", lib.remove: data}\n",
     NULL, NULL},
    {"the copy was done, or something else is so",
     PAIR "  save: {lib.save: data, verify: [{exec: [look]}], tolerate: It may be empty.}\n"
          "  gone: {when: \"${params.cold or steps.save.state == 'done'}\", lib.remove: data}\n",
     "RB201", "save fails"},
    {"the same condition at a group around",
     PAIR "  save: {when: '${params.cold}', lib.save: data, verify: [{exec: [look]}]}\n"
          "  all: {when: '${params.cold}', steps: {gone: {lib.remove: data}}}\n",
     NULL, NULL},
    {"the same condition inside a group",
     PAIR "  all: {steps: {save: {when: '${params.cold}', lib.save: data, verify: [{exec: "
          "[look]}]}}}\n"
          "  gone: {when: '${params.cold}', lib.remove: data}\n",
     NULL, NULL},
    {"one of a kind saves by its own way",
     HEAD "params: {how: {type: string, one_of: [cold, hot], default: hot}}\nsteps:\n"
          "  cold: {when: \"${params.how == 'cold'}\", lib.save: data, verify: [{exec: [look]}]}\n"
          "  hot: {when: \"${params.how == 'hot'}\", lib.save: data, verify: [{exec: "
          "[look]}]}\n" REMOVE,
     NULL, NULL},
    {"one of a kind is forgotten",
     HEAD "params: {how: {type: string, one_of: [cold, hot, none], default: hot}}\nsteps:\n"
          "  cold: {when: \"${params.how == 'cold'}\", lib.save: data, verify: [{exec: [look]}]}\n"
          "  hot: {when: \"${params.how == 'hot'}\", lib.save: data, verify: [{exec: "
          "[look]}]}\n" REMOVE,
     "RB201", "when params.how is 'none'"},
};

/* RB402 is a note that most texts above have: judged here alone. */
static const struct proof_case settled[] = {
    {"a change that nobody can settle", "runbook: t\nsteps:\n  a: {exec: [a]}\n", "RB402",
     "1 change that nothing takes back; 1 change cut off half-way"},
    {"two, of which one can be done again",
     "runbook: t\nsteps:\n  a: {exec: [a]}\n  b: {exec: [b], " OK "}\n", "RB402",
     "2 changes that nothing takes back; 1 change cut off half-way"},
    {"which they are", "runbook: t\nsteps:\n  a: {exec: [a]}\n  b: {exec: [b], " OK "}\n", "RB402",
     "nothing takes back: a, b"},
    {"a change that is verified, and stays",
     "runbook: t\nsteps:\n  a: {exec: [a], verify: [{exec: [look]}]}\n", "RB402",
     "RB402: 1 change that nothing takes back\n"},
    {"a change that is taken back, and verified",
     "runbook: t\nsteps:\n  a: {exec: [a], verify: [{exec: [look]}], undo: [{exec: [b], " OK
     "}]}\n",
     NULL, NULL},
    {"a change that is taken back by the group around",
     "runbook: t\nsteps:\n  all: {steps: {a: {exec: [a], " OK "}}, undo: [{exec: [b], " OK "}]}\n",
     NULL, NULL},
    {"a change that is known to be done",
     "runbook: t\nsteps:\n  a: {exec: [a], done_if: [{exec: [look]}], undo: [{exec: [b], " OK
     "}]}\n",
     NULL, NULL},
    {"a change behind which nobody goes back",
     "runbook: t\nsteps:\n  a: {exec: [a], " OK ", irreversible: So.}\n", NULL, NULL},
    {"a change that is allowed", "runbook: t\nsteps:\n  a: {exec: [a], allow: {RB402: So.}}\n",
     NULL, NULL},
    {"a read", "runbook: t\nsteps:\n  a: {exec: [a], effect: read}\n", NULL, NULL},
};

/* How often CODE was found; NULL: any but RB402. */
static size_t found(const struct fixture *fixture, const char *code)
{
    size_t count = 0;
    for (size_t i = 0; i < fixture->diagnostics.list.count; i++) {
        const struct diagnostic *finding = fixture->diagnostics.list.at[i];
        const char *name = diagnostic_about(finding->code)->code;
        count += code != NULL ? strcmp(name, code) == 0 : strcmp(name, "RB402") != 0;
    }
    return count;
}

/* CLEAN: what a case without a code must not have. */
static void prove_case(const struct proof_case *each, bool with_params, const char *clean)
{
    struct fixture fixture;
    fixture_read(&fixture, each->text, library, NULL);
    if (with_params)
        fixture_plan(&fixture, NULL);
    else
        fixture.plan = plan_make(fixture.arena, fixture.runbook, NULL, &fixture.diagnostics);
    must(&fixture, fixture.plan, each->name);
    plan_prove(fixture.plan, &fixture.diagnostics);
    tell_findings(&fixture);
    const char *told = fixture.told.at ? fixture.told.at : "";
    size_t count = found(&fixture, each->code ? each->code : clean);
    if (each->code == NULL && count != 0)
        fail_msg("%s: wanted nothing, and found: %s", each->name, told);
    if (each->code != NULL && (count != 1 || strstr(told, each->says) == NULL))
        fail_msg("%s: wanted one %s with '%s', and found %zu: %s", each->name, each->code,
                 each->says, count, told);
    fixture_free(&fixture);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        prove_case(&cases[i], true, NULL);
}

static void test_settled(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settled / sizeof *settled; i++)
        prove_case(&settled[i], true, "RB402");
}

/* `check` knows no params: the same findings. */
static void test_without_params(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strstr(cases[i].text, "params.name") == NULL)
            prove_case(&cases[i], false, NULL);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        prove_case(&unknown[i], false, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_settled),
        cmocka_unit_test(test_without_params),
    };
    return cmocka_run_group_tests_name("nothing is destroyed unprotected", tests, NULL, NULL);
}
