#include "report/report.h"

#include "report/kinds.h"

#include <string.h>

static const struct report_kind *const kinds[] = {&report_text, &report_json};

const struct report_kind *report_at(size_t index)
{
    return index < sizeof kinds / sizeof *kinds ? kinds[index] : NULL;
}

const struct report_kind *report_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}
