#include "sys/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *name, const struct library_function *functions, void *into,
                  struct failure *failure)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return failure_set(failure, 0, "%s can't be loaded: %s", name, dlerror());
    for (const struct library_function *at = functions; at->name != NULL; at++) {
        void *function = dlsym(library, at->name);
        if (function == NULL)
            return failure_set(failure, 0, "%s is too old: it has no %s", name, at->name);
        memcpy((char *)into + at->at, &function, sizeof function);
    }
    return true;
}
