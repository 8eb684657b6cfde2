/* What is an expression, and does not fit. */
#include "lang_findings.h"

/* See lang_findings.h. */
static const struct finding FINDINGS[] = {
    {"params.nam", "RB101 1-10 'params.nam' is not known | look at the names"},
    {"nothing.here", "RB101 1-12 'nothing.here' is not known | look at the names"},
    {"steps.my-step.x", "RB101 1-8 'steps.my' is not known | look at the names\n  note 9 this '-' "
                        "is a minus: names are written with '_'"},
    {"steps.backup-old.path", "RB101 14-21 'old.path' is not known | look at the names\n  note 13 "
                              "this '-' is a minus: names are written with '_'"},
    {"params.count-steps", "RB101 14-18 'steps' is not known | look at the names\n  note 13 this "
                           "'-' is a minus: names are written with '_'"},
    {"steps.backup.pth", "RB101 1-16 'steps.backup' has no member 'pth' | did you mean 'path'?"},
    {"steps.backup.frob",
     "RB101 1-17 'steps.backup' has no member 'frob' | it has: state, path, bytes, note"},
    {"params.files[0].sized",
     "RB101 1-21 'params.files[0]' has no member 'sized' | did you mean 'size'?"},
    {"params.files.size", "RB102 1-17 'params.files' is files and has no members | write "
                          "params.files[0].size, or [x.size for x in params.files]"},
    {"params.name.x", "RB102 1-13 'params.name' is a string and has no members | if it is JSON, "
                      "write parse_json(params.name).x"},
    {"params.count.x", "RB102 1-14 'params.count' is an int and has no members | "},
    {"params.hosts.first", "RB102 1-18 'params.hosts' is a list<string> and has no members | write "
                           "params.hosts[0].first, or [x.first for x in params.hosts]"},
    {"secrets.token.x", "RB102 1-15 'secrets.token' is a secret and has no members | "},
    {"params.db.host", "RB102 1-14 'params.db' is a connection and has no members | "},
    {"params.name[0]", "RB102 1-14 'params.name' is a string and has no place 0 | "},
    {"params.count[0]", "RB102 1-15 'params.count' is an int and has no place 0 | "},
    {"params.hosts['a']", "RB102 14-16 a place in a list is an int, found a string | "},
    {"params.hosts[-1]",
     "RB102 14-15 a place in a list counts from the front, from 0 | write last(params.hosts)"},
    {"params.hosts[1.5]", "RB102 14-16 a place in a list is an int, found a float | "},
    {"params.hosts[params.tag]",
     "RB104 14-23 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"params.env[0]", "RB102 1-13 'params.env' is a map<string> and has no place 0 | "},
    {"params.tag == 'a'",
     "RB104 1-10 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"params.tag and true",
     "RB104 1-10 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"len(params.tag)",
     "RB104 5-14 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"first(params.hosts) == 'a'", "RB104 1-19 'first(params.hosts)' may be unset | write "
                                   "first(params.hosts) ?\? … for what stands in"},
    {"steps.severe.path", "path?"},
    {"lower(steps.severe.path)", "RB104 7-23 'steps.severe.path' may be unset | write "
                                 "steps.severe.path ?\? … for what stands in"},
    {"steps.severe.path ?\? steps.severe.path == 'x'",
     "RB104 1-38 'steps.severe.path ?\? steps.severe.path' may be unset | write steps.severe.path "
     "?\? steps.severe.path ?\? … for what stands in"},
    {"'${a}' + params.name", "RB102 1-20 '+' is not defined for a string and a string | write "
                             "texts side by side, ${…}${…}, or join(['${a}', params.name], '')"},
    {"'a' + 'b'", "RB102 1-9 '+' is not defined for a string and a string | write texts side by "
                  "side, ${…}${…}, or join(['a', 'b'], '')"},
    {"'a' + 1", "RB102 1-7 '+' is not defined for a string and an int | write texts side by side, "
                "${…}${…}, or join(['a', string(1)], '')"},
    {"1 + 'a'", "RB102 1-7 '+' is not defined for an int and a string | write texts side by side, "
                "${…}${…}, or join([string(1), 'a'], '')"},
    {"1.5 + 'a'", "RB102 1-9 '+' is not defined for a float and a string | write texts side by "
                  "side, ${…}${…}, or join([string(1.5), 'a'], '')"},
    {"params.limit + 5",
     "RB102 1-16 '+' is not defined for a duration and an int | write the unit: 5s"},
    {"params.space + 5",
     "RB102 1-16 '+' is not defined for a size and an int | write the unit: 5MiB"},
    {"params.space + '5'", "RB102 1-18 '+' is not defined for a size and a string | write texts "
                           "side by side, ${…}${…}, or join([string(params.space), '5'], '')"},
    {"5 + params.limit",
     "RB102 1-16 '+' is not defined for an int and a duration | write seconds(5)"},
    {"now + 5", "RB102 1-7 '+' is not defined for a time and an int | write seconds(5)"},
    {"now + now", "RB102 1-9 '+' is not defined for a time and a time | "},
    {"1h - now", "RB102 1-8 '-' is not defined for a duration and a time | "},
    {"now * 2", "RB102 1-7 '*' is not defined for a time and an int | "},
    {"2 / 1h", "RB102 1-6 '/' is not defined for an int and a duration | "},
    {"1h * 1h", "RB102 1-7 '*' is not defined for a duration and a duration | "},
    {"1h % 2", "RB102 1-6 '%' is not defined for a duration and an int | "},
    {"1.5 % 2", "RB102 1-7 '%' is not defined for a float and an int | "},
    {"1h + 1GiB", "RB102 1-9 '+' is not defined for a duration and a size | "},
    {"params.hosts + params.hosts", "RB102 1-27 '+' is not defined for a list<string> and a "
                                    "list<string> | write [params.hosts..., params.hosts...]"},
    {"params.hosts - 'a'", "RB102 1-18 '-' is not defined for a list<string> and a string | "},
    {"true + 1", "RB102 1-8 '+' is not defined for a bool and an int | "},
    {"-'a'", "RB102 1-4 '-' is not defined for a string | "},
    {"-true", "RB102 1-5 '-' is not defined for a bool | "},
    {"-params.hosts", "RB102 1-13 '-' is not defined for a list<string> | "},
    {"-params.tag",
     "RB104 2-11 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"params.j + 'a'", "RB102 1-14 '+' is not defined for json and a string | write texts side by "
                       "side, ${…}${…}, or join([string(params.j), 'a'], '')"},
    {"params.name == 3", "RB102 1-16 a string and an int can't be compared by '==' | write "
                         "int(params.name), or the number in quotes"},
    {"params.name == params.count",
     "RB102 1-27 a string and an int can't be compared by '==' | write string(params.count)"},
    {"params.count == '3'",
     "RB102 1-19 an int and a string can't be compared by '==' | write the number without quotes"},
    {"params.count == params.name",
     "RB102 1-27 an int and a string can't be compared by '==' | write string(params.count)"},
    {"params.flag == 'true'", "RB102 1-21 a bool and a string can't be compared by '==' | write "
                              "params.flag, or not params.flag"},
    {"params.flag == params.name",
     "RB102 1-26 a bool and a string can't be compared by '==' | write bool(params.name)"},
    {"params.flag == 1", "RB102 1-16 a bool and an int can't be compared by '==' | write "
                         "params.flag, or not params.flag"},
    {"params.limit == 90",
     "RB102 1-18 a duration and an int can't be compared by '==' | write the unit: 90s"},
    {"params.limit > params.count",
     "RB102 1-27 a duration and an int can't be compared by '>' | write seconds(params.count)"},
    {"params.space > 100",
     "RB102 1-18 a size and an int can't be compared by '>' | write the unit: 100MiB"},
    {"now == '2024'",
     "RB102 1-13 a time and a string can't be compared by '==' | write string(now)"},
    {"now > 5", "RB102 1-7 a time and an int can't be compared by '>' | "},
    {"params.hosts == 'a'", "RB102 1-19 a list<string> and a string can't be compared by '==' | "},
    {"params.hosts == [1]",
     "RB102 1-19 a list<string> and a list<int> can't be compared by '==' | "},
    {"params.files == params.processes",
     "RB102 1-32 files and processes can't be compared by '==' | "},
    {"params.flag < true", "RB102 1-18 a bool and a bool can't be compared by '<' | "},
    {"params.hosts < params.hosts",
     "RB102 1-27 a list<string> and a list<string> can't be compared by '<' | "},
    {"params.j == params.db",
     "RB102 13-21 'params.db' is a connection: nothing can be computed with it | "},
    {"[secrets.token, 'a']",
     "RB102 17-19 this list is of secret, found a string | the members of a list are of one type"},
    {"secrets.token == 'a'",
     "RB301 1-13 'secrets.token' is a secret: nothing can be computed with it | give it as it is "
     "to 'env', 'stdin', 'headers', a 'url' or a password"},
    {"lower(secrets.token)",
     "RB301 7-19 'secrets.token' is a secret: nothing can be computed with it | give it as it is "
     "to 'env', 'stdin', 'headers', a 'url' or a password"},
    {"secrets.token + 'a'",
     "RB301 1-13 'secrets.token' is a secret: nothing can be computed with it | give it as it is "
     "to 'env', 'stdin', 'headers', a 'url' or a password"},
    {"params.db == 'db'",
     "RB102 1-9 'params.db' is a connection: nothing can be computed with it | "},
    {"'a' in 'abc'",
     "RB102 8-12 'in' looks into a list, found a string | write contains('abc', 'a')"},
    {"'a' in params.env",
     "RB102 8-17 'in' looks into a list, found a map<string> | write exists(params.env['a'])"},
    {"'a' in 5", "RB102 8-8 'in' looks into a list, found an int | "},
    {"1 in params.hosts", "RB102 1-17 an int can't be a member of a list<string> | "},
    {"params.tag in params.hosts",
     "RB104 1-10 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"params.count matches '3'", "RB102 1-12 'params.count' is an int: 'matches' looks into a text "
                                 "| write string(params.count)"},
    {"params.hosts matches 'a'", "RB102 1-12 'params.hosts' is a list<string>: 'matches' looks "
                                 "into a text | write any([x matches … for x in params.hosts])"},
    {"params.name matches params.name",
     "RB302 21-31 'params.name' is a string: a value is no pattern | write the pattern in quotes, "
     "declare its param as 'regex', or ask contains(text, part)"},
    {"params.name matches 5",
     "RB102 21-21 '5' is an int, and a pattern is wanted | write the pattern in quotes"},
    {"capture(params.name, params.name)",
     "RB302 22-32 'params.name' is a string: a value is no pattern | write the pattern in quotes, "
     "declare its param as 'regex', or ask contains(text, part)"},
    {"params.j matches 'x'", "bool"},
    {"params.name and true",
     "RB102 1-11 'params.name' is a string, and a bool is wanted | write params.name != ''"},
    {"params.count or true",
     "RB102 1-12 'params.count' is an int, and a bool is wanted | write params.count != 0"},
    {"not params.count",
     "RB102 5-16 'params.count' is an int, and a bool is wanted | write params.count != 0"},
    {"not params.hosts", "RB102 5-16 'params.hosts' is a list<string>, and a bool is wanted | "
                         "write len(params.hosts) > 0"},
    {"not params.limit",
     "RB102 5-16 'params.limit' is a duration, and a bool is wanted | write params.limit > 0s"},
    {"not params.space",
     "RB102 5-16 'params.space' is a size, and a bool is wanted | write params.space > 0B"},
    {"not params.files[0]", "RB102 5-19 'params.files[0]' is a file, and a bool is wanted | ask "
                            "one of its members, or exists(params.files[0])"},
    {"not now", "RB102 5-7 'now' is a time, and a bool is wanted | "},
    {"not steps.backup", "RB102 5-16 'steps.backup' is a record, and a bool is wanted | ask one of "
                         "its members, or exists(steps.backup)"},
    {"if params.name then 1 else 2",
     "RB102 4-14 'params.name' is a string, and a bool is wanted | write params.name != ''"},
    {"if true then 1 else 'a'", "RB102 1-23 'then' gives an int, 'else' gives a string | make both "
                                "the same: string(x) makes a text"},
    {"if true then [1] else ['a']", "RB102 1-27 'then' gives a list<int>, 'else' gives a "
                                    "list<string> | make both the same: string(x) makes a text"},
    {"params.tag ?\? 5",
     "RB102 15-15 'params.tag' is a string?, and what stands in for it is an int | "},
    {"params.tag ?\? params.hosts",
     "RB102 15-26 'params.tag' is a string?, and what stands in for it is a list<string> | "},
    {"[1, 'a']",
     "RB102 5-7 this list is of int, found a string | the members of a list are of one type"},
    {"[params.tag]",
     "RB104 2-11 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"[params.tag...]",
     "RB104 2-11 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"[params.name...]", "RB102 2-12 'params.name' is a string, and a list is wanted | write "
                         "lines(x), or split(x, ',')"},
    {"[5...]", "RB102 2-2 '5' is an int, and a list is wanted | "},
    {"[x for x in params.name]", "RB102 13-23 'params.name' is a string, and a list is wanted | "
                                 "write lines(x), or split(x, ',')"},
    {"[x for x in 5]", "RB102 13-13 '5' is an int, and a list is wanted | "},
    {"[x.a for x in params.hosts]",
     "RB102 2-4 'x' is a string and has no members | if it is JSON, write parse_json(x).a"},
    {"[p.exe for p in params.processes]",
     "RB104 2-6 'p.exe' may be unset | write p.exe ?\? … for what stands in"},
    {"[x for x in params.hosts if x]",
     "RB102 29-29 'x' is a string, and a bool is wanted | write x != ''"},
    {"[x for x in params.tag]",
     "RB104 13-22 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"[y for x in params.hosts]", "RB101 2-2 'y' is not known | look at the names"},
    {"[secrets.token, secrets.token]", "list<secret>"},
    {"lower(5)", "RB102 7-7 'lower' wants a text, found an int | write string(5)"},
    {"lower(params.hosts)", "RB102 7-18 'lower' wants a text, found a list<string> | write "
                            "[lower(x) for x in params.hosts]"},
    {"lower(params.files)", "RB102 7-18 'lower' wants a text, found files | "},
    {"trim(true)", "RB102 6-9 'trim' wants a text, found a bool | write string(true)"},
    {"join(params.name, ',')", "RB102 6-16 'join' wants a list<string>, found a string | write "
                               "lines(params.name), or split(params.name, ',')"},
    {"join(params.numbers, ',')", "RB102 6-19 'join' wants a list<string>, found a list<int> | "
                                  "write [string(x) for x in params.numbers]"},
    {"join(params.files, ',')", "RB102 6-17 'join' wants a list<string>, found files | "},
    {"lines(params.hosts)", "RB102 7-18 'lines' wants a text, found a list<string> | write "
                            "[lines(x) for x in params.hosts]"},
    {"split(params.name, 5)", "RB102 20-20 'split' wants a text, found an int | write string(5)"},
    {"len(5)", "RB102 5-5 'len' wants a text, list or json, found an int | "},
    {"len(steps.backup)", "RB102 5-16 'len' wants a text, list or json, found a record | "},
    {"len(params.env)", "int"},
    {"first(params.name)", "RB102 7-17 'first' wants a list, found a string | write "
                           "lines(params.name), or split(params.name, ',')"},
    {"take(params.hosts, '2')", "RB102 20-22 'take' wants an int, found a string | write int('2')"},
    {"take(params.hosts, 1.5)", "RB102 20-22 'take' wants an int, found a float | write int(1.5)"},
    {"sort(params.files)", "RB102 6-17 'sort' wants a list of what can be ordered, found files | "
                           "write sort_by(params.files, 'member')"},
    {"sort(params.truths)",
     "RB102 6-18 'sort' wants a list of what can be ordered, found a list<bool> | "},
    {"sort_by(params.files, 'nme')",
     "RB101 23-27 a file has no member 'nme' | did you mean 'name'?"},
    {"sort_by(params.files, 'x')", "RB101 23-25 a file has no member 'x' | "},
    {"sort_by(params.hosts, 'x')",
     "RB102 23-25 the list's members have no member 'x' | write sort(l)"},
    {"sort_by(params.files, params.name)",
     "RB102 23-33 'sort_by' wants a member's name in quotes | "},
    {"sort_by([steps.backup], 'note')", "list<record>"},
    {"sort_by([[1]], 'x')", "RB102 16-18 the list's members have no member 'x' | write sort(l)"},
    {"sum(params.hosts)",
     "RB102 5-16 'sum' wants a list of numbers, durations or sizes, found a list<string> | "},
    {"sum(params.name)",
     "RB102 5-15 'sum' wants a list of numbers, durations or sizes, found a string | "},
    {"min(params.truths)",
     "RB102 5-17 'min' wants a list of what can be ordered, found a list<bool> | "},
    {"any(params.hosts)", "RB102 5-16 'any' wants a list<bool>, found a list<string> | "},
    {"any(true)", "RB102 5-8 'any' wants a list<bool>, found a bool | "},
    {"parse_json(5)", "RB102 12-12 'parse_json' wants a text, found an int | write string(5)"},
    {"list(params.hosts)", "RB102 6-17 'list' wants json, found a list<string> | "},
    {"list(params.name)", "RB102 6-16 'list' wants json, found a string | write "
                          "parse_json(params.name), or lines(params.name)"},
    {"string(params.hosts)", "RB102 8-19 'string' wants a scalar, found a list<string> | "},
    {"string(params.tag)",
     "RB104 8-17 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"int(true)", "RB102 5-8 'int' can't be made of a bool | write if true then 1 else 0"},
    {"int(90s)", "RB102 5-7 'int' can't be made of a duration | write to_seconds(1m30s)"},
    {"int(now)", "RB102 5-7 'int' can't be made of a time | "},
    {"float(90s)", "RB102 7-9 'float' can't be made of a duration | write to_seconds(1m30s)"},
    {"float(1GiB)", "RB102 7-10 'float' can't be made of a size | write float(int(1GiB))"},
    {"bool(1)", "RB102 6-6 'bool' can't be made of an int | write 1 != 0"},
    {"bool(90s)", "RB102 6-8 'bool' can't be made of a duration | "},
    {"size(true)", "RB102 6-9 'size' can't be made of a bool | "},
    {"size(1.5)", "RB102 6-8 'size' can't be made of a float | "},
    {"parse_time(now)", "RB102 12-14 'parse_time' wants a text, found a time | write string(now)"},
    {"format_time('2024', '%Y')",
     "RB102 13-18 'format_time' wants a time, found a string | write parse_time('2024')"},
    {"format_time(5, '%Y')", "RB102 13-13 'format_time' wants a time, found an int | "},
    {"seconds('5')", "RB102 9-11 'seconds' wants a number, found a string | write float('5')"},
    {"seconds(90s)", "RB102 9-11 'seconds' wants a number, found a duration | "},
    {"to_seconds(90)",
     "RB102 12-13 'to_seconds' wants a duration, found an int | it is a number already: write 90"},
    {"to_seconds('90s')", "RB102 12-16 'to_seconds' wants a duration, found a string | write the "
                          "duration without quotes"},
    {"exists('a')",
     "RB102 8-10 'exists' wants a path, found 'a' | write a name, as in exists(params.tag)"},
    {"exists(1 + 2)",
     "RB102 8-12 'exists' wants a path, found '1 + 2' | write a name, as in exists(params.tag)"},
    {"exists(params.nam)", "RB101 8-17 'params.nam' is not known | look at the names"},
    {"exists([1])",
     "RB102 8-10 'exists' wants a path, found '[1]' | write a name, as in exists(params.tag)"},
    {"T a ${params.hosts} b", "RB102 5-16 'params.hosts' is a list<string>: inside a text stands a "
                              "scalar | write join(params.hosts, ' ')"},
    {"T a ${params.tag} b",
     "RB104 5-14 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"T a ${params.files[0]} b",
     "RB102 5-19 'params.files[0]' is a file: inside a text stands a scalar | "},
    {"T a ${secrets.token} b", "secret"},
    {"T ${secrets.token}", "secret"},
    {"T a ${params.db}",
     "RB102 5-13 'params.db' is a connection: inside a text stands a scalar | "},
    {"T a ${params.env} b",
     "RB102 5-14 'params.env' is a map<string>: inside a text stands a scalar | "},
    {"T ${params.hosts...}", "list<string>"},
    {"T ${params.name...}", "RB102 3-13 'params.name' is a string, and a list is wanted | write "
                            "lines(x), or split(x, ',')"},
    {"T ${params.tag...}",
     "RB104 3-12 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"T x ${params.hosts...}", "RB102 17-19 a list is spliced into a list, not into a text | write "
                               "${list...} alone, as one item of a list; or join(list, ' ')"},
    {"T ${params.hosts...} x", "RB102 15-17 a list is spliced into a list, not into a text | write "
                               "${list...} alone, as one item of a list; or join(list, ' ')"},
    {"T ${params.name", "RB102 1-2 this '${' has no '}' | add the '}'; within {…} or […] of YAML a "
                        "text that holds '${…}' needs quotes"},
    {"T a ${params.name and b", "RB102 3-4 this '${' has no '}' | add the '}'; within {…} or […] "
                                "of YAML a text that holds '${…}' needs quotes"},
    {"T ${", "RB102 1-2 this '${' has no '}' | add the '}'; within {…} or […] of YAML a text that "
             "holds '${…}' needs quotes"},
    {"T ${}", "RB102 3-3 expected a value, found '}' | write a name or value between '${' and '}'; "
              "'$${' stands for a plain '${'"},
    {"T a ${ } b", "RB102 6-6 expected a value, found '}' | write a name or value between '${' and "
                   "'}'; '$${' stands for a plain '${'"},
    {"T ${params.name}}", "string"},
    {"T $${params.name}", "string"},
    {"T ${1 + }", "RB102 7-7 expected a value, found '}' | "},
    {"T a ${params.count} ${params.limit} ${params.j}", "string"},
    {"T ${'}'}", "string"},
    {"T ${params.name ${params.tag}}",
     "RB102 15-16 '${' begins an expression, and this is inside one | write the name alone"},
    {"lower(if params.flag then params.tag else 'x')",
     "RB104 7-45 'if params.flag then params.tag else 'x'' may be unset | write (if params.flag "
     "then params.tag else 'x') ?\? … for what stands in"},
    {"exists(steps.severe) and lower(steps.severe.path) == 'x'", "bool"},
    {"if exists(steps.severe.path) then lower(steps.severe.path) else ''", "string"},
    {"if exists(steps.severe.path) or params.flag then lower(steps.severe.path) else ''",
     "RB104 56-72 'steps.severe.path' may be unset | write steps.severe.path ?\? … for what stands "
     "in"},
    {"if not exists(params.tag) then lower(params.tag) else ''",
     "RB104 38-47 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"[[x for x in [1] if exists(params.tag)] for y in [lower(params.tag)]]",
     "RB104 57-66 'params.tag' may be unset | write params.tag ?\? … for what stands in"},
    {"exists(params.tag) and params.given == 'a'",
     "RB104 24-35 'params.given' may be unset | write params.given ?\? … for what stands in"},
    {"[p.exe for p in params.processes if exists(p.exe) and [p for p in params.processes if p.exe "
     "== 'a'] == []]",
     "RB104 87-91 'p.exe' may be unset | write p.exe ?\? … for what stands in"},
    {"T ${steps.severe.path} x", "RB104 3-19 'steps.severe.path' may be unset | write "
                                 "steps.severe.path ?\? … for what stands in"},
    {"T ${if params.flag then 'a' else params.tag} x",
     "RB104 3-41 'if params.flag then 'a' else params.tag' may be unset | write (if params.flag "
     "then 'a' else params.tag) ?\? … for what stands in"},
};

static void test_findings(void **state)
{
    (void)state;
    check_findings(FINDINGS, sizeof FINDINGS / sizeof *FINDINGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_findings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
