#!/usr/bin/perl
# Does the proof tell the truth? Random runbooks, each judged by trying every way in which it can go: every value
# of its params, every failure of a step that blocks nothing, every step that on_failure may find unbegun. A
# destroyer is unsafe when in one of these it begins and no verified copy of what it destroys is there. What RB201
# says of each must be the same, destroyer by destroyer.
#   RUNBOOK_PROOFS=N   how many (default 300); RUNBOOK_PROOF_SEED=N; RUNBOOK_PROOF_KEEP=FOLDER keeps the files
#
# What runs beside a destroyer and is not needed by it may not have begun: so what is there are the copies of what
# came before on its own paths, and nothing else has to be tried. A failure that is borne by nobody blocks what
# follows, which then destroys nothing: it is tried where on_failure answers it.
#
# Left out, since the language goes by words there: conditions that are equal by arithmetic alone (`a < 5`, `not
# a >= 5`), and names of resources that are different texts but may be the same thing.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Time::HiRes qw(time);

my $root = abs_path(dirname($0) . '/../..');
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $games = $ENV{RUNBOOK_PROOFS} // 300;
my $ways = 1000;    # in which one may go; one with more is passed over, and counted
my $seed = $ENV{RUNBOOK_PROOF_SEED} // int(time * 1000) % 1_000_000_000;
srand $seed;
print "# RUNBOOK_PROOF_SEED=$seed\n";

my $dir = $ENV{RUNBOOK_PROOF_KEEP} // tempdir('runbook-proof-XXXXXX', TMPDIR => 1, CLEANUP => 1);
mkdir $dir;
chdir $dir or die "$dir: $!";
mkdir 'library';
sub spew { my ($path, $text) = @_; open my $file, '>', $path or die "$path: $!"; print $file $text; close $file or die }
sub chance { return rand() < $_[0] }
sub pick { return $_[int rand @_] }

# ---- a condition is a tree: ['param', NAME] ['is', NAME, VALUE] ['state', ID, STATE] ['not', A] ['and', A, B] … ----

my @modes = qw(cold hot none);

sub said {
    my ($c) = @_;
    my ($kind, $a, $b) = @$c;
    return "params.$a" if $kind eq 'param';
    return chance(0.3) ? "'$b' == params.$a" : "params.$a == '$b'" if $kind eq 'is';
    return "params.$a in ['" . join("', '", @$b) . "']" if $kind eq 'in';
    return chance(0.3) ? "'$b' == steps.$a.state" : "steps.$a.state == '$b'" if $kind eq 'state';
    if ($kind eq 'not') {
        return "$1 != $2" if chance(0.5) && $a->[0] =~ /^(is|state)$/ && said($a) =~ /^(.*) == (.*)$/;
        return 'not (' . said($a) . ')';
    }
    return '(if ' . said($a) . ' then ' . said($b) . ' else ' . said($c->[3]) . ')' if $kind eq 'if';
    return '(' . said($a) . " $kind " . said($b) . ')';
}

sub condition {
    my ($params, $seen, $depth) = @_;
    my $kind = rand;
    if ($depth > 0 && $kind < 0.35) {
        my @parts = map { condition($params, $seen, $depth - 1) } 1 .. 3;
        return ['if', @parts] if $kind < 0.03;
        return ['not', $parts[0]] if $kind < 0.13;
        return [$kind < 0.24 ? 'and' : 'or', @parts[0, 1]];
    }
    return ['state', pick(@$seen), pick(qw(done done skipped failed))] if @$seen && chance(0.35);
    return ['is', 'mode', pick(@modes)] if $params->{mode} && chance(0.3);
    return ['in', 'mode', [@modes[0, 1 + int rand 2]]] if $params->{mode} && chance(0.1);
    return ['param', pick(@{$params->{bools}})];
}

sub holds {
    my ($c, $at) = @_;
    my ($kind, $a, $b) = @$c;
    return given($at, $a, 0, 1) if $kind eq 'param';
    return given($at, $a, @modes) eq $b if $kind eq 'is';
    return scalar grep { $_ eq given($at, $a, @modes) } @$b if $kind eq 'in';
    return $at->{states}{$a} eq $b if $kind eq 'state';
    return !holds($a, $at) if $kind eq 'not';
    return holds($a, $at) && holds($b, $at) if $kind eq 'and';
    return holds($a, $at) || holds($b, $at) if $kind eq 'or';
    return holds($a, $at) ? holds($b, $at) : holds($c->[3], $at);
}

# ---- the library: what its actions are made of, as the steps of a runbook are. NAME and WISH are their params ----

my $name = 'volume:${params.name}';
sub keep { return {id => 'keep', kind => 'protect', resource => $name, verify => 1, @_} }
sub gone { return {id => 'gone', kind => 'destroy', resource => $name, @_} }
my @on = (when => ['param', 'wish']);
my %library = (
    save => {protects => $name, inside => [{id => 'tar', kind => 'plain'}]},
    good_save => {inside => [keep()]},
    soft_save => {inside => [keep(tolerate => 1)]},
    maybe_save => {on => 1, inside => [keep(@on)]},
    remove => {destroys => $name, inside => [gone()]},
    maybe_remove => {on => 1, inside => [gone(@on)]},
    swap => {destroys => $name, inside => [keep(), gone()]},
    bad_swap => {destroys => $name, inside => [gone(), keep()]},
    maybe_swap => {on => 1, inside => [keep(@on), gone(@on)]},
    half_swap => {on => 1, destroys => $name, inside => [keep(@on), gone()]},
    tried_swap => {inside => [keep(tolerate => 1), gone(when => ['state', 'keep', 'done'])]},
);
my @savers = qw(save save good_save good_save soft_save maybe_save);
my @removers = qw(remove remove maybe_remove swap bad_swap maybe_swap half_swap tried_swap);

# ---- as it is written ----

sub indent { my ($by, @lines) = @_; return map { ' ' x $by . $_ } @lines }

sub written {
    my ($step) = @_;
    my @lines;
    push @lines, 'needs: [' . join(', ', @{$step->{needs}}) . ']' if $step->{needs};
    push @lines, 'when: "${' . said($step->{when}) . '}"' if $step->{when};
    push @lines, 'tolerate: It can be borne.' if $step->{tolerate};
    push @lines, 'accept_loss: It is new.' if $step->{accepts};
    push @lines, 'done_if: [{exec: [look]}]' if $step->{done_if};
    push @lines, 'verify: [{exec: [look]}]' if $step->{verify};
    if (my $loop = $step->{loop}) {
        my $in = $loop->{param} ? "\"\${params.$loop->{param}}\"" : '[' . join(', ', @{$loop->{items}}) . ']';
        push @lines, "foreach: {as: v, in: $in" . ($loop->{empty} ? ', empty: ok' : '') . '}';
    }
    my $kind = $step->{kind};
    push @lines, 'exec: ["true"]' if $kind =~ /plain|protect|destroy/;
    push @lines, 'idempotent: true' if $kind eq 'plain';
    push @lines, "protects: ['$step->{resource}']" if $kind eq 'protect';
    push @lines, "destroys: ['$step->{resource}']" if $kind eq 'destroy';
    push @lines, 'steps:', scope_written($step->{inside}) if $kind eq 'group';
    if ($kind eq 'lib') {
        (my $value = $step->{resource}) =~ s/^volume://;
        push @lines, "lib.$step->{action}:", "  name: \"$value\"";
        push @lines, '  wish: "${' . said($step->{on}) . '}"' if $step->{on};
    }
    if ($kind eq 'call') {
        push @lines, 'call:', "  runbook: $step->{file}", '  params:';
        push @lines, map { '    ' . $_ . ': "${' . said($step->{given}{$_}) . '}"' } sort keys %{$step->{given}};
    }
    for my $key (qw(undo release)) {
        push @lines, "$key:", map { my @entry = written($_); ("  - $entry[0]", indent(4, @entry[1 .. $#entry])) } @{$step->{$key}}
            if $step->{$key};
    }
    return @lines;
}
sub scope_written { my ($steps) = @_; return indent(2, map { ("$_->{id}:", indent(2, written($_))) } @$steps) }

sub library_written {
    my @lines = ('library: lib', 'about: Actions for random runbooks.', 'actions:');
    for my $action (sort keys %library) {
        my $made = $library{$action};
        my $destroys = grep { $_->{kind} eq 'destroy' } @{$made->{inside}};
        push @lines, "  $action:", '    effect: ' . ($destroys ? 'destroy' : 'change'), '    params:';
        push @lines, "      name: {type: string, pattern: '^[a-z]+\$'}";
        push @lines, '      wish: {type: bool}' if $made->{on};
        push @lines, "    $_: ['$made->{$_}']" for grep { $made->{$_} } qw(protects destroys);
        push @lines, '    steps:', indent(4, scope_written($made->{inside}));
    }
    return join "\n", @lines, '';
}

# ---- made by chance ----

our %params;    # what the runbook in hand is given
my ($count, %caller);    # ids so far, a called file's caller

sub resource {
    my ($item) = @_;
    return 'volume:${item.v}' if $item && chance(0.65);
    return chance(0.1) ? 'volume:${params.word}' : 'volume:' . pick(qw(a a a b));
}

sub loop {
    return {items => [['a'], ['b'], ['a', 'b'], ['a', 'b']]->[int rand 4]} if chance(0.35);
    return {param => pick(qw(some more)), empty => chance(0.5)};
}

sub called {
    my ($step, $depth) = @_;
    local %params = (%params, bools => ['wish', 'other'], mode => 0);
    $step->{file} = 'called' . keys(%caller) . '.yaml';
    $caller{$step->{file}} = $params{file};
    $step->{inside} = scope($depth - 1, 0, []);
    my $text = join "\n", "runbook: called", 'allow: {RB106: Not all are used.}', 'params:', '  wish: {type: bool}', '  other: {type: bool}',
        '  word: {type: string, default: w, pattern: "^[a-z]+$"}', '  some: {type: list<string>, default: [s]}',
        '  more: {type: list<string>, default: [m]}', 'steps:', scope_written($step->{inside}), '';
    spew($step->{file}, $text);
}

# UPSTREAM: ids that can be named here, each sure to have ended.
sub step {
    my ($depth, $item, $upstream) = @_;
    my $step = {id => 's' . ++$count};
    $step->{when} = condition(\%params, $upstream, 2) if chance(0.35);
    $step->{tolerate} = 1 if chance(0.15);
    if (!$item && chance(0.2)) { $step->{loop} = loop(); $item = 1 }
    my $kind = rand;
    if ($kind < 0.15 && $depth > 0) {
        $step->{kind} = 'group';
        $step->{done_if} = 1 if chance(0.15);
        $step->{inside} = scope($depth - 1, $item, $upstream);
    } elsif ($kind < 0.2 && $depth > 0 && !$item) {
        $step->{kind} = 'call';
        $step->{given} = {map { $_ => condition(\%params, $upstream, 1) } qw(wish other)};
        called($step, $depth);
    } elsif ($kind < 0.45) {
        $step->{kind} = 'lib';
        $step->{action} = chance(0.7) ? pick(@savers) : pick(@removers);
        $step->{resource} = resource($item);
        $step->{on} = condition(\%params, $upstream, 1) if $library{$step->{action}}{on};
        $step->{verify} = 1 if chance(0.5);
        $step->{done_if} = 1 if chance(0.1);
    } elsif ($kind < 0.75) {
        $step->{kind} = 'protect';
        $step->{resource} = resource($item);
        $step->{verify} = 1 if chance(0.9);
        $step->{done_if} = 1 if chance(0.1);
    } elsif ($kind < 0.87) {
        $step->{kind} = 'destroy';
        $step->{resource} = resource($item);
    } else {
        $step->{kind} = 'plain';
    }
    $step->{accepts} = 1 if $step->{kind} ne 'protect' && chance(0.06);
    if (chance(0.04)) {
        $step->{pick(qw(undo release))} = [
            map { { kind => $_, resource => resource($item), $_ eq 'protect' ? (verify => 1) : () } } chance(0.3) ? ('protect', 'destroy') : ('destroy')
        ];
    }
    return $step;
}

sub scope {
    my ($depth, $item, $outside) = @_;
    my (@steps, %before);
    my $last;
    for (1 .. 2 + int rand($depth > 1 ? 4 : 2)) {
        my @needs = map { $_->{id} } grep { chance(0.5) } @steps;
        my $given = @steps && chance(0.3);
        @needs = $last ? ($last) : () if !$given;
        my %upstream = map { $_ => 1 } map { ($_, keys %{$before{$_}}) } @needs;
        my $step = step($depth, $item, [@$outside, sort keys %upstream]);
        if (chance(0.25) && @steps) {    # the same words as before, if they mean something here
            my $when = (pick(@steps))->{when};
            my %known = map { $_ => 1 } @$outside, keys %upstream;
            $step->{when} = $when if $when && !grep { !$known{$_} } named($when);
        }
        $step->{needs} = [@needs] if $given;
        $before{$step->{id}} = \%upstream;
        $last = $step->{id};
        push @steps, $step;
    }
    return \@steps;
}
sub named { my ($c) = @_; return $c->[0] eq 'state' ? $c->[1] : map { ref $_ eq 'ARRAY' && $c->[0] ne 'in' ? named($_) : () } @$c }

# ---- every way in which it can go: choices are made in order, and the last one that can be another is changed ----

my (@choices, $next);
sub choose {
    my ($of) = @_;
    $choices[$next] //= [0, $of];
    return $choices[$next++][0];
}
# A param of this world: one OF these, whichever it was when it was first asked for.
sub given {
    my ($at, $param, @of) = @_;
    return $at->{params}{$param} //= $of[choose(scalar @of)];
}
sub another_world {
    pop @choices while @choices && $choices[-1][0] + 1 == $choices[-1][1];
    return @choices && ++$choices[-1][0];
}

my (%unsafe, $answering);    # written names of destroyers; are the steps run for what on_failure finds?

sub bound { my ($text, $at) = @_; $text =~ s/\$\{params\.name\}/$at->{params}{name}/; $text =~ s/\$\{params\.word\}/$at->{word}/; $text =~ s/\$\{item\.v\}/$at->{item}/; return $text }

# The action of STEP, from what is THERE on; gives whether it ended well, and what is there then.
sub act {
    my ($step, $at, $there) = @_;
    my $kind = $step->{kind};
    return (1, $there) if $step->{done_if} && choose(2);
    if ($kind eq 'destroy') {
        $unsafe{$at->{path}} = 1 unless $at->{accepts} || $there->{bound($step->{resource}, $at)};
        return (1, $there);
    }
    return (1, $there) if $kind =~ /plain|protect/;
    my %inside = (%$at, states => {%{$at->{states}}});
    my $steps = $step->{inside};
    if ($kind eq 'lib') {
        (my $bound = bound($step->{resource}, $at)) =~ s/^volume://;
        $inside{params} = {name => $bound, $step->{on} ? (wish => holds($step->{on}, $at)) : ()};
        $inside{states} = {};
        $inside{written} = 1;
        $steps = $library{$step->{action}}{inside};
    } elsif ($kind eq 'call') {
        $inside{params} = {map { $_ => holds($step->{given}{$_}, $at) } keys %{$step->{given}}};
        $inside{params}{some} = ['s'];
        $inside{params}{more} = ['m'];
        $inside{word} = 'w';
        $inside{states} = {};
    }
    return go($steps, \%inside, $there);
}

# One step, or one item, whose `when` holds.
sub body {
    my ($step, $at, $there) = @_;
    my $fallible = $at->{borne} || $step->{tolerate} || $answering;
    my %around = (%$at, accepts => $at->{accepts} || $step->{accepts}, borne => $fallible);
    for my $owed (qw(undo release)) {
        my $then = $there;
        for my $entry (@{$step->{$owed} // []}) {
            my %of = (%$at, path => "$at->{path}/$owed");
            act($entry, \%of, $then) if $entry->{kind} eq 'destroy';
            # One release does not wait for another to end well.
            $then = {%$then, bound($entry->{resource}, $at) => 1} if $entry->{kind} eq 'protect' && $owed eq 'undo';
        }
    }
    my ($well, $then) = act($step, \%around, $there);
    $well = 0 if $well && $fallible && choose(2);
    my $made = $step->{kind} eq 'lib' ? $library{$step->{action}}{protects} : $step->{kind} eq 'protect' && $step->{resource};
    my $value = $made && $step->{kind} eq 'lib' ? $step->{resource} : $made;
    $then = {%$then, bound($value, $at) => 1} if $well && $made && $step->{verify};
    return ($well, $then);
}

sub run_step {
    my ($step, $around, $there) = @_;
    my %at = (%$around, path => $around->{written} ? $around->{path} : join('/', grep { length } $around->{path}, $step->{id}));
    return ('skipped', $there) if $step->{when} && !holds($step->{when}, $around);
    if (!$step->{loop}) {
        my ($well, $then) = body($step, \%at, $there);
        return ($well ? 'done' : 'failed', $then);
    }
    my $loop = $step->{loop};
    my $list = $loop->{param};
    my @items = !$list ? @{$loop->{items}} : @{given(\%at, $list, ["$list-1", "$list-2"], ["$list-1"], [])};
    return ($loop->{empty} ? 'done' : 'failed', $there) if !@items;
    for my $item (@items) {
        (my $well, $there) = body($step, {%at, item => $item}, $there);
        return ('failed', $there) if !$well;
    }
    return ('done', $there);
}

# The steps of a scope. Gives whether all ended well, and what is there at its end. HANDLERS: a failure blocks nothing.
sub go {
    my ($steps, $at, $there, $handlers, $first) = @_;
    my (%there, $last, %blocks);
    my $well = 1;
    my %all = %$there;
    for my $step (@$steps) {
        my $id = $step->{id};
        my @needs = $step->{needs} ? @{$step->{needs}} : defined $last ? $last : ();
        $last = $id;
        $there{$id} = {%$there, map { %{$there{$_}} } @needs};
        $at->{states}{$id} = 'blocked';
        if (grep { $blocks{$_} } @needs) { $blocks{$id} = 1; next }
        if ($first && choose(2)) { $blocks{$id} = 1; $at->{states}{$id} = 'waiting'; next }
        ($at->{states}{$id}, $there{$id}) = run_step($step, $at, $there{$id});
        # Nobody knows how it ended: that blocks, be a failure tolerated or not.
        $at->{states}{$id} = 'unknown' if $first && $step->{tolerate} && $at->{states}{$id} eq 'failed' && choose(2);
        $blocks{$id} = 1 if !$handlers && ($at->{states}{$id} eq 'unknown' || $at->{states}{$id} eq 'failed' && !$step->{tolerate});
        $well = 0 if $blocks{$id};
        %all = (%all, %{$there{$id}});
    }
    return ($well, \%all);
}

sub worlds {
    my ($made, $world) = @_;
    @choices = ();
    my $tried = 0;
    do {
        $next = 0;
        return if ++$tried > $ways;
        my %at = (params => {}, states => {}, path => '', word => 'WORD', accepts => 0, borne => 0);
        $world->(\%at);
    } while another_world();
    return 1;
}

# Names of the destroyers that are unsafe; undef: it would take too long.
sub judge {
    my ($made) = @_;
    %unsafe = ();
    $answering = 0;
    worlds($made, sub { go($made->{steps}, $_[0], {}) }) or return;
    return {%unsafe} if !$made->{handlers};
    my %before = %unsafe;
    worlds($made, sub {
        my ($at) = @_;
        $answering = 1;
        my %seen = %unsafe;
        my ($well, $there) = go($made->{steps}, $at, {}, 0, 1);
        %unsafe = %seen;    # judged above
        $answering = 0;
        my $failed = grep { my $state = $at->{states}{$_->{id}}; $state eq 'unknown' || $state eq 'failed' && !$_->{tolerate} } @{$made->{steps}};
        go($made->{handlers}, {%$at, borne => 1}, $there, 1) if $failed;
    }) or return;
    return {%before, %unsafe};
}

# ---- the games ----

sub make {
    my ($number) = @_;
    %params = (file => "r$number.yaml", bools => [map { "p$_" } 0 .. int rand 3], mode => chance(0.3));
    $count = 0;
    my $made = {file => "r$number.yaml", params => {%params}};
    $made->{steps} = scope(2, 0, []);
    my @ids = map { $_->{id} } @{$made->{steps}};
    if (chance(0.2) && @ids < 5) {    # with a last step that can fail when all before it is done
        push @{$made->{steps}}, {id => 'last', kind => 'plain'};
        $made->{handlers} = scope(1, 0, \@ids);
    }
    my @lines = ("runbook: r$number", 'allow: {RB106: Not all are used., RB206: A test.}', 'params:');
    push @lines, map { "  $_: {type: bool}" } @{$params{bools}};
    push @lines, '  mode: {type: string, one_of: [' . join(', ', @modes) . ']}' if $params{mode};
    push @lines, '  word: {type: string, pattern: "^[a-z]+$"}', map { "  $_: {type: list<string>}" } qw(some more);
    push @lines, 'steps:', scope_written($made->{steps});
    push @lines, 'on_failure:', scope_written($made->{handlers}) if $made->{handlers};
    $made->{text} = join "\n", @lines, '';
    return $made;
}

# What RB201 says: names as written, without items.
sub findings {
    my %found;
    open my $check, '-|', $runbook, 'check', '--format', 'json', map { $_->{file} } @_ or die "$runbook: $!";
    my $text = do { local $/; <$check> };
    close $check;
    my @other;
    for my $finding (@{decode_json($text)->{findings}}) {
        next if $finding->{severity} ne 'error' || $finding->{code} eq 'RB207';
        if ($finding->{code} ne 'RB201') { push @other, $finding; next }
        my ($name) = $finding->{message} =~ /^(\S.*?) destroys / or die $finding->{message};
        $name =~ s/\[[^]]*\]//g;
        $name =~ s{/(undo|release)/\d+}{/$1};
        $name =~ s{/(gone|keep|tar)$}{};
        $found{$caller{$finding->{file}} // $finding->{file}}{$name} = 1;
    }
    return (\%found, @other);
}

spew('library/lib.yaml', library_written());
my (@made, $too_many);
while (@made < $games) {
    my $made = make(scalar @made);
    $made->{unsafe} = judge($made);
    if (!$made->{unsafe}) { $too_many++; next }
    spew($made->{file}, $made->{text});
    push @made, $made;
}

my ($found, @other) = findings(@made);
my ($wrong, $unsafe) = (0, 0);
for my $made (@made) {
    $unsafe += !!%{$made->{unsafe}};
    my $said = join ' ', sort keys %{$found->{$made->{file}} // {}};
    my $known = join ' ', sort keys %{$made->{unsafe}};
    next if $said eq $known;
    print "# $made->{file}: unsafe are ($known), and the proof says ($said)\n", map { "#   $_\n" } split /\n/, $made->{text} if ++$wrong <= 3;
    print map { "#   $_\n" } map { ("-- $_ --", split /\n/, do { local (@ARGV, $/) = $_; <> }) }
        grep { $caller{$_} eq $made->{file} } sort keys %caller if $wrong <= 3;
}
print "# $other[0]{file}:$other[0]{line}: $other[0]{code} $other[0]{message}\n" if @other;
printf "# %d runbooks, %d of them unsafe%s\n", scalar @made, $unsafe, $too_many ? "; $too_many more would have taken too long" : '';
print "1..3\n";
print $wrong == 0 ? '' : 'not ', "ok 1 - the proof finds the unsafe destroyers and no others ($wrong wrong)\n";
print @other ? 'not ' : '', "ok 2 - nothing else is wrong with them\n";
my $share = $unsafe / @made;
print $games < 100 || ($share > 0.25 && $share < 0.75) ? '' : 'not ', "ok 3 - about half of them are unsafe\n";
exit($wrong > 0 || @other > 0);
