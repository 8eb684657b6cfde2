/* main: hands the words and the table of commands over, nothing else. */
#include "commands/command.h"

int main(int argc, char **argv)
{
    return command_main(argc, argv);
}
