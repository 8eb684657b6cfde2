#!/usr/bin/perl
# Every key, matcher, function, core action, state, exit code and code of a finding of the language has a case that shows it.
# What there is stands in grammar.md's tables, which tests/unit/test_grammar compares with the code; what a case
# shows is read from the runbooks and libraries of all cases but those in `broken`, and from what cases must print.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find;
use YAML::XS;

my $root = abs_path(dirname($0) . '/../..');
my $cases = "$root/tests/cases";

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    return <$file> // '';
}

# ---- what there is: the rows of each table, each as [name, second cell, whole row] ----
my %table;
{
    my $at;
    for (split /\n/, slurp("$root/grammar.md")) {
        if (/^<!-- (.*) -->$/) { $at = $1 eq 'end' ? undef : $1; next }
        next unless defined $at && /^\| (?!---)/;
        my @cells = split / \| /, s/^\| //r;
        $cells[0] =~ s/^`|`$//g;
        push @{$table{$at}}, [$cells[0], $cells[1], $_] unless $cells[0] =~ /^(key|function|action|state|exit code|code)$/;
    }
}
my %type_of;    # {table}{key}: the type, as the table says it
for my $name (keys %table) { $type_of{$name}{$_->[0]} = $_->[1] for @{$table{$name}} }

# ---- what cases show ----
my (%shown, %called, %acted);
my %walk;

sub expressions {
    my ($node) = @_;
    if (ref $node eq 'HASH') { expressions($_) for values %$node }
    elsif (ref $node eq 'ARRAY') { expressions($_) for @$node }
    elsif (defined $node) {
        while ($node =~ /\$\{((?:[^'}]|'[^']*')*)\}/g) {
            my $expression = $1;
            $called{$1} = 1 while $expression =~ /\b([a-z_]+)\(/g;
        }
    }
}

sub matcher {
    my ($node) = @_;
    return unless ref $node eq 'HASH';
    for my $key (keys %$node) {
        next unless $type_of{matcher}{$key};
        $shown{matcher}{$key} = 1;
        if ($key eq 'json') { matcher($_) for ref $node->{json} eq 'HASH' ? values %{$node->{json}} : () }
        else { matcher($node->{$key}) }
    }
}

# A mapping of the kind whose table is NAME; what is no key of it is an action, where one can stand.
sub mapping {
    my ($name, $node) = @_;
    return unless ref $node eq 'HASH';
    for my $key (keys %$node) {
        my $type = $type_of{$name}{$key};
        if (!defined $type) { action($key, $node->{$key}) if $name =~ /^(step|check)$/; next }
        $shown{$name}{$key} = 1;
        by_type($key, $type, $node->{$key});
    }
}

# The types that lead to another table, in the words of the tables themselves.
sub by_type {
    my ($key, $type, $node) = @_;
    if ($type =~ /^map of (\w+)/ && $table{$1}) {
        my $inside = $1;
        mapping($inside, $_) for ref $node eq 'HASH' ? values %$node : ();
    }
    elsif ($type =~ /^list of steps/) { mapping('step', $_) for ref $node eq 'ARRAY' ? @$node : () }
    elsif ($type =~ /^list of checks/) { mapping('check', $_) for ref $node eq 'ARRAY' ? @$node : () }
    elsif ($type eq 'check') { mapping('check', $node) }
    elsif ($type =~ /^check block/) { block($node) }
    elsif ($type eq 'expectation') { matcher($_) for ref $node eq 'HASH' ? values %$node : () }
    elsif ($type eq 'map' && $table{$key}) { mapping($key, $node) }
}

sub block {
    my ($node) = @_;
    if (ref $node eq 'ARRAY') { mapping('check', $_) for @$node }
    else { mapping('check block', $node) }
}

sub action {
    my ($name, $node) = @_;
    $acted{$name} = 1;
    return unless ref $node eq 'HASH';
    if ($name eq 'steps') { mapping('step', $_) for values %$node }
    block($node) if $name eq 'wait' && $node->{checks};
}

my ($files, %ended) = (0);
my $printed = '';    # all that cases must print
find({no_chdir => 1, wanted => sub {
    my $path = $File::Find::name;
    if ($path =~ m{/command$}) {
        my $code = slurp(dirname($path) . '/code') =~ s/\s//gr;
        $ended{$code eq '' ? 0 : $code} = 1;
        # A case may tell the codes of its commands itself: `echo $?`, `exit $code`.
        $ended{$_} = 1 for slurp(dirname($path) . '/out') =~ /^(?:exit |code )?(\d{1,2})$/mg;
    }
    $printed .= slurp($path) if $path =~ m{/(out|err)$} && $path !~ m{/explain/};
    return if $path !~ /\.yaml$/ || $path =~ m{/broken/};
    my $node = eval { local $SIG{__WARN__} = sub {}; YAML::XS::Load(slurp($path)) };
    return unless ref $node eq 'HASH';
    $files++;
    mapping('runbook', $node) if exists $node->{runbook};
    mapping('library', $node) if exists $node->{library};
    mapping('monitor', $node) if exists $node->{monitor};
    mapping('traps', $node) if exists $node->{traps};
    expressions($node);
}}, $cases);

# ---- the two side by side ----
my $count = 0;
sub ok {
    my ($truth, $name) = @_;
    print $truth ? '' : 'not ', 'ok ', ++$count, " - $name\n";
}
ok($files > 100, "the cases' runbooks can be read ($files)");
for my $name (sort keys %table) {
    # What the plan prints has a table as well, which tests/unit/test_grammar makes; it is no key of the language.
    next if $name =~ /^(functions|actions|states|exit codes|codes|plan)$/;
    ok($shown{$name}{$_->[0]}, "$name: the key '$_->[0]'") for @{$table{$name}};
}
for (@{$table{functions}}) { my ($name) = $_->[0] =~ /^(\w+)/; ok($called{$name}, "the function $name()") }
ok($acted{$_->[0]}, "the action $_->[0]") for @{$table{actions}};
for (@{$table{states}}) {
    # As the cases of `show` write it: a step's name and its state.
    ok(scalar($printed =~ /^\S+ \Q$_->[0]\E$/m), "the state '$_->[0]'");
}
for (@{$table{'exit codes'}}) {
    ok($ended{$_->[0]}, "the exit code $_->[0]");
}
for (@{$table{codes}}) {
    ok(scalar($printed =~ /\b$_->[1] $_->[0]\b/), "the code $_->[0]");
}
print "1..$count\n";
