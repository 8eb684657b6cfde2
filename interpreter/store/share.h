/* share: who else may look at what root records: the group `runbook`, where there is one.
 * It may list and show runs and speak to those at work: state folder, `runs`, a run's folder and
 * its `runbook` are 0750, journal and copies 0640, the control socket 0660. `attempts`, `logs`,
 * `files` and `locks` stay root's alone: output and whole files are nobody else's to read. What
 * can't be shared stays private: a record that others can't read is no reason to stop a run. */
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include <sys/types.h>

#define SHARE_NOBODY ((gid_t)-1)
#define SHARE_FOLDER 0750
#define SHARE_FILE   0640
#define SHARE_SOCKET 0660

/* The group, when we are root; SHARE_NOBODY. */
gid_t share_group(void);
/* The group that may look into FOLDER, an open one; SHARE_NOBODY. */
gid_t share_of(int folder);
/* Gives what we made as NAME in FOLDER to GROUP, with MODE. Nothing for SHARE_NOBODY. */
void share_give(int folder, const char *name, gid_t group, mode_t mode);
/* The same of FOLDER itself, which may be older: only while it is as we make one, 0700 and of our
 * own group, so that what an administrator decided stands. */
void share_adopt(int folder, gid_t group);

#endif
