/* seeded: bugs that are built in on purpose (-DRUNBOOK_SEEDED_BUG=N), so that the crash harness can
 * show that it would find them. Never in what is installed.
 *
 *   1  an intent without outcome is run again silently    engine/settle; its guards step aside
 *   2  nothing is synced                                  store/journal
 *   3  a torn tail is not cut off                         store/journal_open
 *   4  an intent without outcome is taken as done         engine/settle; its guards step aside
 *   5  the folders are not synced when a run is made      store/journal_create
 *   6  no intent is written before the act                engine/act; its guards step aside
 *   7  the outcome is written before the act              engine/act
 */
#ifndef STORE_SEEDED_H
#define STORE_SEEDED_H

#ifndef RUNBOOK_SEEDED_BUG
#define RUNBOOK_SEEDED_BUG 0
#endif

#endif
