/* library: a shared library that is loaded when it is first needed. libcurl and libpq bring forty
 * others along, which take longer to load than a runbook takes to check, and most commands need
 * neither. May use sys/failure. */
#ifndef SYS_LIBRARY_H
#define SYS_LIBRARY_H

#include "sys/failure.h"

#include <stddef.h>

/* Where a function of it belongs in a struct of pointers to functions. */
struct library_function {
    const char *name;
    size_t at; /* bytes */
};

/* Loads NAME ("libpq.so.5"), or finds it loaded, and puts its FUNCTIONS (their last has no name)
 * into the struct INTO. It stays loaded. False with FAILURE: it is not installed, or too old. */
bool library_load(const char *name, const struct library_function *functions, void *into,
                  struct failure *failure);

#endif
