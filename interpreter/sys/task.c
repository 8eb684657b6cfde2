#include "sys/task.h"

const char *task_result_name(enum task_result result)
{
    switch (result) {
    case TASK_EXITED:
        return "exited";
    case TASK_SIGNALLED:
        return "signalled";
    case TASK_TIMED_OUT:
        return "timed_out";
    case TASK_STALLED:
        return "stalled";
    case TASK_CANCELLED:
        return "cancelled";
    case TASK_NOT_STARTED:
        return "not_started";
    case TASK_NOT_KEPT:
        return "not_kept";
    case TASK_NOT_BEGUN:
        return "not_begun";
    case TASK_LOST:
        return "lost";
    }
    return "";
}
