/* What is no expression; among it what people bring along from other languages. */
#include "lang_findings.h"

/* See lang_findings.h. */
static const struct finding FINDINGS[] = {
    {"params.flag && params.off", "RB102 13-14 '&&' is no operator | write 'and'"},
    {"params.flag || params.off", "RB102 13-14 '||' is no operator | write 'or', or '?\?' for what "
                                  "stands in when a value is unset"},
    {"params.tag || 'x'", "RB102 12-13 '||' is no operator | write 'or', or '?\?' for what stands "
                          "in when a value is unset"},
    {"!params.flag", "RB102 1-1 '!' is no operator | write 'not'"},
    {"params.name = 'a'",
     "RB102 13-13 '=' is no operator: nothing is assigned here | write '==' to compare"},
    {"params.name === 'a'", "RB102 13-15 '===' is no operator | write '=='"},
    {"params.name !== 'a'", "RB102 13-15 '!==' is no operator | write '!='"},
    {"params.name =~ 'a'", "RB102 13-14 '=~' is no operator | write 'matches'"},
    {"params.name => 'a'", "RB102 13-14 '=>' is no operator | write '>='"},
    {"params.name =< 'a'", "RB102 13-14 '=<' is no operator | write '<='"},
    {"params.name <> 'a'", "RB102 13-14 '<>' is no operator | write '!='"},
    {"params.name == \"a\"", "RB102 16-16 a text stands in single quotes here | write 'a'"},
    {"params.name == `a`", "RB102 16-16 a text stands in single quotes here | write 'a'"},
    {"params.name == “a”",
     "RB102 16-16 a text stands in straight single quotes here | write 'text'"},
    {"params.name == ‘a’",
     "RB102 16-16 a text stands in straight single quotes here | write 'text'"},
    {"'abc", "RB102 1-4 the text that begins here has no end | add a ' (a quote inside a text is "
             "written twice: '')"},
    {"'it''s", "RB102 1-6 the text that begins here has no end | add a ' (a quote inside a text is "
               "written twice: '')"},
    {"params.name ? 'a' : 'b'", "RB102 13-13 '?' is no operator | write if c then a else b"},
    {"params.a?.b",
     "RB102 9-10 '?.' is no operator | write '.': a member of an unset value is unset"},
    {"params.name ?: 'x'",
     "RB102 13-14 '?:' is no operator | write '?\?' for what stands in when a value is unset"},
    {"params.name | lower",
     "RB102 13-13 '|' is no operator: there are no filters | write lower(x)"},
    {"params.name | length", "RB102 13-13 '|' is no operator: there are no filters | write len(x)"},
    {"params.tag | default('x')", "RB102 12-12 '|' is no operator: there are no filters | write x "
                                  "?\? value for what stands in when x is unset"},
    {"params.count | 3",
     "RB102 14-14 '|' is no operator: there are no filters | write 'or' between two bools"},
    {"params.name | nosuchfilter",
     "RB102 13-13 '|' is no operator: there are no filters | write a function: lower(x)"},
    {"params.count & 1", "RB102 14-14 '&' is no operator | write 'and'"},
    {"params.count ** 2", "RB102 14-15 '**' is no operator | multiply: x * x"},
    {"params.count // 2", "RB102 14-15 '//' is no operator | '/' of two ints cuts already"},
    {"~params.count",
     "RB102 1-1 '~' is no operator | join texts by writing them side by side: ${a}${b}"},
    {"params.name ~ 'x'",
     "RB102 13-13 '~' is no operator | join texts by writing them side by side: ${a}${b}"},
    {"${params.name}",
     "RB102 1-2 '${' begins an expression, and this is inside one | write the name alone"},
    {"$params.name", "RB102 1-1 '$' stands before no name here | write the name alone"},
    {"{'a': 1}", "RB102 1-1 there are no mappings in an expression | write the mapping in YAML, "
                 "with '${…}' inside"},
    {"params.hosts[0:2]", "RB102 15-15 ':' has no meaning here | take(list, n) gives the front of "
                          "a list; a text stands in quotes"},
    {"params.hosts.0", "RB102 14-14 a place in a list stands in square brackets | write [0]"},
    {"params.env.'b-c'", "RB102 12-16 a name in quotes stands in square brackets | write ['name']"},
    {"params.name.lower()", "RB102 13-18 a value has no methods: 'lower' stands in front of its "
                            "value | write lower(params.name)"},
    {"params.hosts.length()", "RB102 14-20 a value has no methods: 'length' stands in front of its "
                              "value | write len(params.hosts)"},
    {"params.hosts.frobnicate()",
     "RB102 14-24 a value has no methods: 'frobnicate' stands in front of its value | a function "
     "is called as name(value); they are listed in grammar.md"},
    {"params.name; params.tag", "RB102 12-12 ';' has no meaning here | write one expression"},
    {"params.name # comment",
     "RB102 13-13 there are no comments in an expression | write it outside of '${…}'"},
    {"a \\ b", "RB102 3-3 '\\' has no meaning here | a text or pattern stands in quotes"},
    {"params.name @ 3",
     "RB102 13-13 this character has no meaning in an expression | a text stands in quotes"},
    {"é", "RB102 1-1 this character has no meaning in an expression | a text stands in quotes"},
    {"null", "RB102 1-4 there is no 'null': a value is there or it is unset | ask exists(x), or "
             "give what stands in: x ?\? value"},
    {"params.tag == null", "RB102 15-18 there is no 'null': a value is there or it is unset | ask "
                           "exists(x), or give what stands in: x ?\? value"},
    {"params.tag == None", "RB102 15-18 there is no 'None': a value is there or it is unset | ask "
                           "exists(x), or give what stands in: x ?\? value"},
    {"params.tag != undefined", "RB102 15-23 there is no 'undefined': a value is there or it is "
                                "unset | ask exists(x), or give what stands in: x ?\? value"},
    {"True", "RB102 1-4 'True' is no value | write 'true'"},
    {"params.flag == False", "RB102 16-20 'False' is no value | write 'false'"},
    {"yes", "RB102 1-3 'yes' is no value | write 'true'"},
    {"no", "RB102 1-2 'no' is no value | write 'false'"},
    {"'a' not in params.hosts",
     "RB102 5-7 expected an operator or the end, found 'not' | write not (x in list)"},
    {"params.tag is null",
     "RB102 12-13 expected an operator or the end, found 'is' | write '==', or exists(x)"},
    {"params.flag is true",
     "RB102 13-14 expected an operator or the end, found 'is' | write '==', or exists(x)"},
    {"params.name contains 'x'", "RB102 13-20 expected an operator or the end, found 'contains' | "
                                 "write contains(text, part), or member in list"},
    {"params.name like 'x'", "RB102 13-16 expected an operator or the end, found 'like' | write "
                             "'matches' and a pattern in quotes"},
    {"params.flag AND true",
     "RB102 13-15 expected an operator or the end, found 'AND' | write 'and'"},
    {"'a' if params.flag else 'b'",
     "RB102 5-6 expected an operator or the end, found 'if' | write if condition then a else b, in "
     "brackets where it is part of something"},
    {"1 < 2 < 3", "RB102 7-7 a comparison has two sides | join two comparisons: a < b and b < c"},
    {"1 == 1 == true",
     "RB102 8-9 a comparison has two sides | join two comparisons: a < b and b < c"},
    {"1 == (1 == 1)", "RB102 1-13 an int and a bool can't be compared by '==' | "},
    {"1 + not true", "RB102 5-7 expected a value, found 'not' | put it into brackets: (not …)"},
    {"true == not false",
     "RB102 9-11 expected a value, found 'not' | put it into brackets: (not …)"},
    {"5 s", "RB102 3-3 expected an operator or the end, found 's' | write the unit right behind "
            "the number: 5s"},
    {"5 MiB", "RB102 3-5 expected an operator or the end, found 'MiB' | write the unit right "
              "behind the number: 5s"},
    {"5min", "RB102 1-4 '5min' is no number, duration or size | write 5m"},
    {"10GB", "RB102 1-4 '10GB' is no number, duration or size | write 10GiB"},
    {"10k", "RB102 1-3 '10k' is no number, duration or size | write 10KiB"},
    {"1_000", "RB102 1-5 '1_000' is no number, duration or size | write the digits without '_'"},
    {"007", "RB102 1-3 '007' is no number, duration or size | write it without the zeros in front, "
            "or in quotes as a text"},
    {"0x10", "RB102 1-4 '0x10' is no number, duration or size | units are ms s m h d, and B KiB "
             "MiB GiB TiB"},
    {"1.5.2", "RB102 1-5 '1.5.2' is no number, duration or size | write it in quotes, as a text"},
    {"99999999999999999999", "RB102 1-20 '99999999999999999999' is no number, duration or size | "
                             "an int has at most 63 bits"},
    {"1e999", "RB102 1-5 '1e999' is no number, duration or size | a float reaches up to 1.8e308"},
    {"1.", "RB102 2-2 a number has digits behind its point | write 1.0"},
    {".5", "RB102 1-1 expected a value, found '.' | write 0.5"},
    {"1..2", "RB102 2-3 '..' is no operator | a list is spliced by three points: list..."},
    {"lower('a'", "RB102 10-9 expected ',' or ')', and the text ends | "},
    {"lower 'a'", "RB102 7-9 expected an operator or the end, found \"'a'\" | write lower(x)"},
    {"lower('a' 'b')", "RB102 11-13 expected ',' or ')', found \"'b'\" | "},
    {"lower()", "RB102 1-7 'lower' takes 1 value, found 0 | write lower(string) string"},
    {"lower('a', 'b')", "RB102 1-15 'lower' takes 1 value, found 2 | write lower(string) string"},
    {"exists()", "RB102 1-8 'exists' takes 1 value, found 0 | write exists(path) bool"},
    {"replace('a', 'b')",
     "RB102 1-17 'replace' takes 3 values, found 2 | write replace(string, string, string) string"},
    {"length('a')", "RB101 1-6 'length' is no function | did you mean 'len'?"},
    {"lenght('a')", "RB101 1-6 'lenght' is no function | did you mean 'len'?"},
    {"strip('a')", "RB101 1-5 'strip' is no function | did you mean 'trim'?"},
    {"frobnicate('a')",
     "RB101 1-10 'frobnicate' is no function | the functions are listed in grammar.md"},
    {"Lower('a')", "RB101 1-5 'Lower' is no function | did you mean 'lower'?"},
    {"[1, 2", "RB102 6-5 expected ',' or ']', and the text ends | "},
    {"[1 2]", "RB102 4-4 expected ',' or ']', found '2' | "},
    {"[x for 3 in l]", "RB102 8-8 expected a name for each member, found '3' | "},
    {"[x for x of params.hosts]", "RB102 10-11 expected 'in' and a list, found 'of' | write 'in'"},
    {"[x for params in params.hosts]",
     "RB102 8-13 'params' means something already | give each member another name, as 'x'"},
    {"[x for in in params.hosts]", "RB102 8-9 expected a name for each member, found 'in' | "},
    {"[x for x in params.hosts if]", "RB102 28-28 expected a value, found ']' | "},
    {"[x for x in params.hosts unless true]",
     "RB102 26-31 expected ']', or 'if', found 'unless' | write if not …"},
    {"[for x in params.hosts]",
     "RB102 2-4 expected a value, found 'for' | write [x for x in list]"},
    {"[x for x in if true then [] else []]",
     "RB102 13-14 expected a value, found 'if' | write if condition then a else b, in brackets "
     "where it is part of something"},
    {"(1 + 2", "RB102 7-6 expected ')', and the text ends | "},
    {"1 + 2)", "RB102 6-6 expected an operator or the end, found ')' | "},
    {"1 +", "RB102 4-3 expected a value, and the text ends | "},
    {"* 2", "RB102 1-1 expected a value, found '*' | "},
    {"and true", "RB102 1-3 expected a value, found 'and' | "},
    {"params.", "RB102 8-7 expected a name behind '.', and the text ends | "},
    {"params..name", "RB102 7-8 '..' is no operator | a list is spliced by three points: list..."},
    {"params.name.", "RB102 13-12 expected a name behind '.', and the text ends | "},
    {"params[", "RB102 8-7 expected a value, and the text ends | "},
    {"params.hosts[]", "RB102 14-14 expected a value, found ']' | "},
    {"params.hosts[1", "RB102 15-14 expected ']', and the text ends | "},
    {"if true then 1", "RB102 15-14 expected 'else', and the text ends | "},
    {"if true else 2", "RB102 9-12 expected 'then', found 'else' | "},
    {"if true then 1 else", "RB102 20-19 expected a value, and the text ends | "},
    {"1 + if true then 1 else 2", "RB102 5-6 expected a value, found 'if' | write if condition "
                                  "then a else b, in brackets where it is part of something"},
    {"then 1", "RB102 1-4 expected a value, found 'then' | "},
    {"1, 2", "RB102 2-2 expected an operator or the end, found ',' | several values stand in a "
             "list: [a, b]"},
    {"params.hosts...", "RB102 13-15 expected an operator or the end, found '...' | a list is "
                        "spliced into a list: [a, list...]"},
    {"capture('a', '(')", "RB102 16-16 this pattern is wrong here: missing closing parenthesis | "
                          "quote what stands for itself with a backslash: '\\.'"},
    {"capture('a', 'it''s [')",
     "RB102 22-22 this pattern is wrong here: missing terminating ] for character class | quote "
     "what stands for itself with a backslash: '\\.'"},
    {"'x' matches '*'", "RB102 14-14 this pattern is wrong here: quantifier does not follow a "
                        "repeatable item | quote what stands for itself with a backslash: '\\.'"},
    {"find_all('x', 'a{2,1}')",
     "RB102 21-21 this pattern is wrong here: numbers out of order in {} quantifier | quote what "
     "stands for itself with a backslash: '\\.'"},
    {"'x' matches 'ä('", "RB102 16-16 this pattern is wrong here: missing closing parenthesis | "
                         "quote what stands for itself with a backslash: '\\.'"},
    {"lower(params.hosts...)",
     "RB102 19-21 expected ',' or ')', found '...' | a list is spliced into a list: [a, list...]"},
    {"a b", "RB102 3-3 expected an operator or the end, found 'b' | "},
    {"T ${{ params.name }}",
     "RB102 3-3 there are no mappings in an expression | write one brace: ${name}"},
    {"lower params.name",
     "RB102 7-12 expected an operator or the end, found 'params' | write lower(x)"},
    {"[params.hosts for]", "RB102 18-18 expected a name for each member, found ']' | "},
    {"1e",
     "RB102 1-2 '1e' is no number, duration or size | units are ms s m h d, and B KiB MiB GiB TiB"},
    {"params.hosts[1:]", "RB102 15-15 ':' has no meaning here | take(list, n) gives the front of a "
                         "list; a text stands in quotes"},
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
