#include "store/share.h"

#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

gid_t share_group(void)
{
    const struct group *group = geteuid() == 0 ? getgrnam("runbook") : NULL;
    return group != NULL ? group->gr_gid : SHARE_NOBODY;
}

gid_t share_of(int folder)
{
    struct stat about;
    bool shared = fstat(folder, &about) == 0 && (about.st_mode & 07777) == SHARE_FOLDER;
    return shared ? about.st_gid : SHARE_NOBODY;
}

/* The group first: with a wider mode it would be somebody else's for a moment. */
void share_give(int folder, const char *name, gid_t group, mode_t mode)
{
    if (group != SHARE_NOBODY && fchownat(folder, name, (uid_t)-1, group, AT_SYMLINK_NOFOLLOW) == 0)
        (void)!fchmodat(folder, name, mode, 0);
}

void share_adopt(int folder, gid_t group)
{
    struct stat about;
    if (group == SHARE_NOBODY || fstat(folder, &about) != 0)
        return;
    bool as_made =
        about.st_uid == geteuid() && about.st_gid == getegid() && (about.st_mode & 07777) == 0700;
    if (as_made && fchown(folder, (uid_t)-1, group) == 0)
        (void)!fchmod(folder, SHARE_FOLDER);
}
