#!/usr/bin/perl
# What `runbook diff` says of a known edit: exactly that one change, with its weight; of an edit that
# changes no meaning, nothing; and of the edit taken back, the opposite.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;

my $root = dirname(dirname(dirname(abs_path($0))));
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $folder = tempdir(CLEANUP => 1);
my $tests = 0;
my $failed = 0;

sub ok {
    my ($good, $name, @said) = @_;
    $tests++;
    $failed++ unless $good;
    print $good ? 'ok' : 'not ok', " $tests - $name\n";
    print map { "#   $_\n" } map { split /\n/ } @said unless $good;
}

sub spew {
    my ($name, $text) = @_;
    open my $file, '>:raw', "$folder/$name" or die "$name: $!";
    print $file $text;
    close $file or die "$name: $!";
}

sub compare {
    my ($old, $new) = @_;
    spew('old.yaml', $old);
    spew('new.yaml', $new);
    my $json = qx(timeout 20 '$runbook' diff '$folder/old.yaml' '$folder/new.yaml' --format json 2>&1);
    my $diff = eval { decode_json($json) };
    return ["$json$@"] unless $diff;
    my @changes = map { @{$_->{changes}} } @{$diff->{runbooks}};
    return [sort map { join ' ', $_->{weight}, $_->{kind}, $_->{step} // '-', $_->{path} } @changes];
}

my $base = <<'YAML';
runbook: base
title: The base
objective: 1h
lock: base
params:
  version: {type: string, default: '1.2', pattern: '^[0-9.]+$', about: which one}
  count: {type: int, default: 3, min: 1, max: 9}
  colour: {type: string, default: blue, one_of: [blue, green]}
secrets:
  token: {env: SHOP_TOKEN}
defaults: {timeout: 1m, check_timeout: 5s}
target: [{file.stat: marker}, {file.stat: other}]
preconditions:
  within: 1m
  checks:
    - file.free: data
      expect: {free: {min: 20GiB}}
    - any: [{file.stat: a}, {file.stat: b}]
steps:
  looked: {exec: [ls, -l, data], effect: read, timeout: 20s, retry: {attempts: 2}}
  kept:
    archive.create: {from: data, path: "copies/${run.stamp}.tar"}
    protects: ['file:data']
    verify: [{archive.list: "${result.path}"}]
  removed:
    file.remove: data
    approve: {ask: Remove it?, by: [alice, '%dba'], count: 2, type: 'yes', within: 30m}
    when: ${params.count > 0}
    undo: [{archive.extract: {path: "${steps.kept.path}", to: data}}]
  pulled: {exec: [docker, pull, "app:1.2"], idempotent: true, retry: {attempts: 3, delay: 5s}}
  settings:
    file.copy: {from: new.conf, to: app.conf, keep: app.conf.old}
    idempotent: true
  held:
    exec: [freeze]
    release: [{exec: [thaw], idempotent: true}]
  many:
    foreach: {as: x, in: [a, b], max: 10, parallel: 2}
    exec: [touch, "${item.x}"]
    idempotent: true
  script:
    shell: |
      set -e
      first
      second
    idempotent: true
  group:
    steps:
      one: {exec: [one], idempotent: true}
      two: {exec: [two], idempotent: true}
  healthy:
    wait:
      within: 30s
      stable_for: 5s
      checks:
        - http.get: "http://localhost:8080/health?full=1"
          expect: {status: {min: 200, max: 299}}
        - not: {process.list: {exe: /usr/bin/old}, expect: {count: {min: 1}}}
  checked:
    assert: ${params.count > 1}
    because: too few
  told:
    exec: [tell]
    tolerate: A courtesy.
on_failure:
  back: {undo_run: {}}
YAML

# name, what is replaced (once), by what, the change that must be told
my @edits = (
    ['a verification removed', qq{    verify: [{archive.list: "\${result.path}"}]\n}, '', 'weakened removed kept verify'],
    ['a target check removed', ', {file.stat: other}', '', 'weakened removed - target.2'],
    ['a precondition looser', 'min: 20GiB', 'min: 1GiB', 'weakened looser - preconditions.checks.1.expect.free'],
    ['an alternative added', '{file.stat: b}]', '{file.stat: b}, {file.stat: c}]', 'weakened added - preconditions.checks.2.any.3'],
    ['a status range widened', 'max: 299', 'max: 399', 'weakened looser healthy action.checks.checks.1.expect.status'],
    ['an expectation on something else', 'status: {min: 200, max: 299}', 'status: {min: 201, max: 300}', 'changed changed healthy action.checks.checks.1.expect.status'],
    ['a check dropped', "        - not: {process.list: {exe: /usr/bin/old}, expect: {count: {min: 1}}}\n", '', 'weakened removed healthy action.checks.checks.2'],
    ['the parts of a check', 'full=1', 'full=0', 'changed changed healthy action.checks.checks.1.action.url'],
    ['inside a not, the other way round', 'count: {min: 1}', 'count: {min: 2}', 'weakened tighter healthy action.checks.checks.2.not.1.expect.count'],
    ['stable for less', 'stable_for: 5s', 'stable_for: 2s', 'weakened lowered healthy action.checks.stable_for'],
    ['waits longer', 'within: 30s', 'within: 90s', 'changed raised healthy action.checks.within'],
    ['a limit raised', 'timeout: 20s', 'timeout: 40s', 'weakened raised looked timeout'],
    ['a limit left to the default', ', timeout: 20s', '', 'weakened raised looked timeout'],
    ['the default limit raised', '{timeout: 1m,', '{timeout: 2m,', 'weakened raised - defaults.timeout'],
    ['a read tried more often', 'attempts: 2', 'attempts: 4', 'changed raised looked retry.attempts'],
    ['a change tried more often', 'attempts: 3', 'attempts: 4', 'weakened raised pulled retry.attempts'],
    ['nobody asked', "    approve: {ask: Remove it?, by: [alice, '%dba'], count: 2, type: 'yes', within: 30m}\n", '', 'weakened removed removed approve'],
    ['one person is enough', 'count: 2', 'count: 1', 'weakened removed removed approve.count'],
    ['more may answer', q{'%dba']}, q{'%dba', bob]}, 'weakened added removed approve.by.3'],
    ['anybody may answer', q{ by: [alice, '%dba'],}, '', 'weakened removed removed approve.by'],
    ['nothing typed back', ", type: 'yes'", '', 'weakened removed removed approve.type'],
    ['a condition on what destroys dropped', "    when: \${params.count > 0}\n", '', 'weakened removed removed when'],
    ['can not be taken back', qq{    undo: [{archive.extract: {path: "\${steps.kept.path}", to: data}}]\n}, '', 'weakened removed removed undo'],
    ['the undo does something else', 'to: data}}]', 'to: elsewhere}}]', 'changed changed removed/undo/1 action.to'],
    ['not given back', "    release: [{exec: [thaw], idempotent: true}]\n", '', 'weakened removed held release'],
    ['failure tolerated', "  checked:\n", "  checked:\n    tolerate: whatever\n", 'weakened added checked tolerate'],
    ['may be done twice', "    exec: [freeze]\n", "    exec: [freeze]\n    idempotent: true\n", 'weakened added held idempotent'],
    ['the old copy is not kept', ', keep: app.conf.old', '', 'weakened removed settings action.keep'],
    ['a longer list is all right', 'max: 10,', 'max: 20,', 'weakened raised many foreach.max'],
    ['more at a time', 'parallel: 2', 'parallel: 3', 'changed raised many foreach.parallel'],
    ['an effect grew', '{exec: [ls, -l, data], effect: read, timeout: 20s, retry: {attempts: 2}}', '{exec: [ls, -l, data], effect: change, timeout: 20s, retry: {attempts: 2}, idempotent: true}', 'destroys raised looked effect', 'weakened added looked idempotent'],
    ['something is destroyed', "    exec: [freeze]\n", "    exec: [freeze]\n    destroys: ['file:x']\n    accept_loss: old\n", 'destroys added held destroys', 'destroys raised held effect', 'weakened added held accept_loss'],
    ['no lock', "lock: base\n", '', 'weakened removed - lock'],
    ['a secret from elsewhere', '{env: SHOP_TOKEN}', '{file: /etc/token}', 'weakened changed - secrets.token.source'],
    ['a finding accepted', "lock: base\n", "lock: base\nallow: {RB402: a person is there}\n", 'weakened added - allow.RB402'],
    ['a pattern dropped', q{ pattern: '^[0-9.]+$',}, '', 'weakened removed - params.version.pattern'],
    ['a greater value is all right', 'max: 9', 'max: 99', 'weakened raised - params.count.max'],
    ['one more choice', 'one_of: [blue, green]', 'one_of: [blue, green, red]', 'weakened added - params.colour.one_of.3'],
    ['another default', "default: '1.2'", "default: '1.3'", 'changed changed - params.version.default'],
    ['a word of a command', 'app:1.2', 'app:1.3', 'changed changed pulled action.argv'],
    ['a line of a script', "      second\n", "      third\n", 'changed changed script action.script'],
    ['another action', 'exec: [tell]', 'shell: tell', 'changed changed told action'],
    ['an assertion', 'params.count > 1}', 'params.count > 2}', 'changed changed checked action.that'],
    ['a step removed', "  checked:\n    assert: \${params.count > 1}\n    because: too few\n", '', 'weakened removed checked '],
    ['a step put in between', "  settings:\n", "  between: {exec: [sync], idempotent: true}\n  settings:\n", 'changed added between '],
    ['a step of a group', "      two: {exec: [two], idempotent: true}\n", "      two: {exec: [two], idempotent: true}\n      three: {exec: [three], idempotent: true}\n", 'changed added group/three '],
    ['a step renamed', "  pulled:", "  fetched:", 'changed renamed fetched '],
    ['waits for nothing', "  held:\n", "  held:\n    needs: []\n", 'weakened beside held needs'],
    ['waits for less', "  script:\n", "  script:\n    needs: [held]\n", 'weakened beside script needs'],
    ['another objective', 'objective: 1h', 'objective: 2h', 'changed raised - objective'],
    ['nothing done after a failure', "on_failure:\n  back: {undo_run: {}}\n", '', 'weakened removed - on_failure'],
    ['only words', "    because: too few\n", "    because: far too few\n", 'words changed checked because'],
    ['another title', 'title: The base', 'title: A base', 'words changed - title'],
    ['another reason', 'tolerate: A courtesy.', 'tolerate: Only a courtesy.', 'words changed told tolerate'],
);

# what is the same, however it is written
my @same = (
    ['a comment', "  held:\n", "  # it freezes\n  held:\n"],
    ['quotes', 'exec: [freeze]', 'exec: ["freeze"]'],
    ['another style', '[ls, -l, data]', "\n      - ls\n      - -l\n      - data\n   "],
    ['the long form', 'exec: [freeze]', 'exec: {argv: [freeze]}'],
    ['the short form of a block', "    verify: [{archive.list: \"\${result.path}\"}]\n", "    verify: {checks: [{archive.list: \"\${result.path}\"}]}\n"],
    ['a default written out', "  healthy:\n", "  healthy:\n    when: \${true}\n"],
    ['the default limit written out', 'exec: [freeze]', "exec: [freeze]\n    timeout: 1m"],
    ['another form of a duration', 'timeout: 20s', 'timeout: 20000ms'],
    ['a default pause', 'attempts: 2', 'attempts: 2, delay: 1s'],
    ['what exec expects anyway', 'exec: [freeze]', "exec: [freeze]\n    expect: {exit: 0}"],
    ['what comes before, by name', "  held:\n", "  held:\n    needs: [settings]\n"],
    ['blanks in an expression', '${params.count > 1}', '${params.count   >   1}'],
    ['another order of keys', '{from: new.conf, to: app.conf, keep: app.conf.old}', '{keep: app.conf.old, to: app.conf, from: new.conf}'],
    ['default check limit', '{file.stat: marker}', '{file.stat: marker, timeout: 5s}'],
    ['how often is asked', 'stable_for: 5s', "stable_for: 5s\n      every: 2s"],
);

my %opposite = (added => 'removed', removed => 'added', raised => 'lowered', lowered => 'raised',
    looser => 'tighter', tighter => 'looser', beside => 'waits', waits => 'beside',
    weakened => 'strengthened', strengthened => 'weakened', destroys => 'strengthened');

sub edited {
    my ($from, $to) = @_;
    my $text = $base;
    my $at = index $text, $from;
    die "'$from' is not in the base" if $at < 0;
    die "'$from' stands twice in the base" if index($text, $from, $at + 1) >= 0;
    substr $text, $at, length $from, $to;
    return $text;
}

# The change told the other way round; a renamed step has its other name there.
sub turned {
    my ($change) = @_;
    my ($weight, $kind, $step, $path) = split / /, $change, 4;
    $step = 'pulled' if $kind eq 'renamed';
    return $change if $path =~ /\.source$/;    # from elsewhere is from elsewhere
    return join ' ', $opposite{$weight} // $weight, $opposite{$kind} // $kind, $step, $path // '';
}

spew('old.yaml', $base);
my $checked = qx('$runbook' check '$folder/old.yaml' 2>&1);
ok($checked !~ /error RB/, 'the base is a valid runbook', $checked);
ok(!@{compare($base, $base)}, 'the base against itself: nothing', @{compare($base, $base)});
for my $edit (@edits) {
    my ($name, $from, $to, @wanted) = @$edit;
    my $new = edited($from, $to);
    my $told = compare($base, $new);
    @wanted = sort @wanted;
    ok("@$told" eq "@wanted", $name, 'wanted: ' . join('; ', @wanted), 'told: ' . join('; ', @$told));
    my $back = compare($new, $base);
    my @turned = sort map { turned($_) } @wanted;
    ok("@$back" eq "@turned", "$name, taken back", 'wanted: ' . join('; ', @turned), 'told: ' . join('; ', @$back));
}
for my $edit (@same) {
    my ($name, $from, $to) = @$edit;
    my $told = compare($base, edited($from, $to));
    ok(!@$told, "$name: no change", @$told);
}
# ---- what comes before what, at random: told is what differs in the graph, and it is so ----

my $seed = $ENV{SEED} // time;
print "# seed $seed (SEED=$seed runs the same again)\n";
srand $seed;

# Each step with those it needs, all written before it.
sub graph {
    my (@ids) = @_;
    my %needs;
    for my $i (0 .. $#ids) {
        $needs{$ids[$i]} = [grep { rand() < 0.35 } @ids[0 .. $i - 1]];
    }
    return {order => [@ids], needs => \%needs};
}

sub written {
    my ($graph) = @_;
    my $text = "runbook: random\nsteps:\n";
    for my $id (@{$graph->{order}}) {
        my $needs = join ', ', @{$graph->{needs}{$id}};
        $text .= "  $id: {exec: [echo, $id], effect: read, needs: [$needs]}\n";
    }
    return $text;
}

# All that comes before each.
sub closure {
    my ($graph) = @_;
    my %before;
    for my $id (@{$graph->{order}}) {
        $before{$id} = {map { ($_ => 1, %{$before{$_}}) } @{$graph->{needs}{$id}}};
    }
    return \%before;
}

for my $round (1 .. 40) {
    my @ids = map { "s$_" } 1 .. 3 + int rand 6;
    my $old = graph(@ids);
    my @other = grep { rand() > 0.15 } @ids;
    push @other, 'extra' if rand() < 0.5;
    @other = sort { rand() <=> 0.5 } @other if rand() < 0.5;
    my $new = graph(@other ? @other : 'extra');
    if (rand() < 0.5) {    # a small edit: the same needs but for one
        $new = {order => [@ids], needs => {map { $_ => [@{$old->{needs}{$_}}] } @ids}};
        my $at = $ids[int rand @ids];
        $new->{needs}{$at} = [grep { rand() < 0.5 } @{$new->{needs}{$at}}];
    }
    my ($was, $is) = (closure($old), closure($new));
    my @both = grep { $is->{$_} } @ids;
    my %changed;
    for my $x (@both) {
        for my $y (@both) {
            $changed{"$x $y"} = 1 if ($was->{$y}{$x} // 0) != ($is->{$y}{$x} // 0);
        }
    }
    spew('old.yaml', written($old));
    spew('new.yaml', written($new));
    my $diff = decode_json(scalar qx(timeout 20 '$runbook' diff '$folder/old.yaml' '$folder/new.yaml' --format json));
    my @told = grep { $_->{path} eq 'needs' } map { @{$_->{changes}} } @{$diff->{runbooks}};
    my @wrong;
    for my $change (@told) {
        my $step = $change->{step};
        my ($sentence) = $change->{says} =~ /^([^;:]*)/;
        for my $other ($sentence =~ /'(\w+)'/g) {
            my $right =
                $change->{kind} eq 'beside' ? $was->{$step}{$other} && !$is->{$step}{$other} && !$is->{$other}{$step}
              : $change->{kind} eq 'waits'  ? !$was->{$step}{$other} && !$was->{$other}{$step} && $is->{$step}{$other}
              : $sentence =~ /before/       ? $was->{$step}{$other} && $is->{$other}{$step}
              :                               $was->{$other}{$step} && $is->{$step}{$other};
            push @wrong, "$step $change->{says}" unless $right;
        }
    }
    ok(!@wrong, "random graphs $round: what is told is so", @wrong, written($old), written($new));
    ok((@told > 0) == (%changed > 0), "random graphs $round: told when something differs, and only then",
       (map { "$_->{step} $_->{says}" } @told), 'differs: ' . join(', ', sort keys %changed), written($old), written($new));
}

print "1..$tests\n";
exit($failed > 0);
