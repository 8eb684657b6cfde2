/* events: libyaml's bare event loop over a file: what reading YAML costs when nothing is done with
 * it. Prints the number of events. */
#include <stdio.h>
#include <yaml.h>

static long read_all(yaml_parser_t *parser)
{
    long count = 0;
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return -1;
        yaml_event_type_t type = event.type;
        yaml_event_delete(&event);
        count++;
        if (type == YAML_STREAM_END_EVENT)
            return count;
    }
}

int main(int argc, char **argv)
{
    yaml_parser_t parser;
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL || !yaml_parser_initialize(&parser))
        return 2;
    yaml_parser_set_input_file(&parser, file);
    long count = read_all(&parser);
    yaml_parser_delete(&parser);
    fclose(file);
    printf("%ld\n", count);
    return count < 0;
}
