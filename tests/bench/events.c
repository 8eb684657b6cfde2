/* events: libyaml's bare event loop over files: what reading YAML costs when nothing is done with
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

static long read_file(const char *path)
{
    yaml_parser_t parser;
    FILE *file = fopen(path, "rb");
    if (file == NULL || !yaml_parser_initialize(&parser))
        return -1;
    yaml_parser_set_input_file(&parser, file);
    long count = read_all(&parser);
    yaml_parser_delete(&parser);
    fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    long all = 0;
    for (int i = 1; i < argc; i++) {
        long count = read_file(argv[i]);
        if (count < 0)
            return 2;
        all += count;
    }
    printf("%ld\n", all);
    return 0;
}
