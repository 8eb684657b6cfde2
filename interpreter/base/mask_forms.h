/* mask_forms: the forms in which a secret may turn up; inside of mask.
 * May use nothing but libc. */
#ifndef BASE_MASK_FORMS_H
#define BASE_MASK_FORMS_H

#include <stddef.h>

/* Calls ADD with each form of the LENGTH bytes AT; the same one may come twice, and a form is only
 * valid during the call. */
void mask_forms(const char *at, size_t length,
                void (*add)(void *data, const char *at, size_t length), void *data);

#endif
