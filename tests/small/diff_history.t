#!/usr/bin/perl
# What `runbook diff` says of each two neighbours in the history of runbooks/, each with the standard
# library of its time, beside what the plans of the two say: nothing that differs stays untold, and
# nothing is told that does not differ.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;

my $root = dirname(dirname(dirname(abs_path($0))));
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $folder = tempdir(CLEANUP => 1);
my $json = JSON::PP->new->canonical;
my $tests = 0;
my $failed = 0;
my %trees;

sub ok {
    my ($good, $name, @said) = @_;
    $tests++;
    $failed++ unless $good;
    print $good ? 'ok' : 'not ok', " $tests - $name\n";
    print map { "#   $_\n" } map { split /\n/ } @said unless $good;
}

sub skip_all {
    print "1..0 # SKIP $_[0]\n";
    exit 0;
}

chdir $root or die "$root: $!";
skip_all('no git') if system('command -v git >/dev/null 2>&1') != 0;
skip_all('this is no git repository') unless -e "$root/.git";
skip_all('the repository is a shallow clone')
    if qx(git -C '$root' rev-parse --is-shallow-repository 2>&1) !~ /^false/;

# The files of a commit beside a program that takes the standard library among them for its own.
sub tree {
    my ($commit) = @_;
    return $trees{$commit} if $trees{$commit};
    my $tree = "$folder/$commit";
    mkdir $tree or die "$tree: $!";
    mkdir "$tree/build" or die "$tree: $!";
    system("git archive $commit runbooks stdlib | tar -x -C '$tree'") == 0 or die "git archive $commit";
    system("cp '$runbook' '$tree/build/runbook'") == 0 or die "cp";
    return $trees{$commit} = $tree;
}

sub plan_of {
    my ($commit, $file) = @_;
    my $tree = tree($commit);
    my $text = qx(timeout 20 '$tree/build/runbook' plan '$tree/$file' --format json 2>/dev/null);
    return $? == 0 ? eval { $json->decode($text) } : undef;
}

sub diff_of {
    my ($old, $new, $file) = @_;
    my $text = qx(timeout 60 '$runbook' diff --git '$old..$new' --stdlib stdlib --format json -- '$file' 2>&1);
    my $code = $? >> 8;
    my $diff = eval { $json->decode($text) };
    return ($code, $diff, $text);
}

# What people read, and what follows from all the rest, is no part of a step here.
sub bare {
    my ($thing) = @_;
    return [map { bare($_) } @$thing] if ref $thing eq 'ARRAY';
    return $thing unless ref $thing eq 'HASH';
    my %left = %$thing;
    delete @left{qw(title because worst_case tolerate accept_loss irreversible stays unsettled when_shown)};
    $left{tolerated} = 1 if exists $thing->{tolerate};
    $left{lost} = 1 if exists $thing->{accept_loss};
    $left{final} = 1 if exists $thing->{irreversible};
    return {map { $_ => bare($left{$_}) } keys %left};
}

sub steps_of {
    my ($plan) = @_;
    return map { $_->{id} => $json->encode(bare($_)) } @{$plan->{steps}}, @{$plan->{on_failure} // []};
}

# What the plan passes over, since its condition is false as the params are, it does not tell.
sub passed_over {
    my ($plan, $id) = @_;
    for my $step (@{$plan->{steps}}, @{$plan->{on_failure} // []}) {
        my $when = $step->{when} // next;
        return 1 if $step->{id} eq $id && defined $when->{value} && !$when->{value};
    }
    return 0;
}

my %opposite = (added => 'removed', removed => 'added', raised => 'lowered', lowered => 'raised',
    looser => 'tighter', tighter => 'looser', beside => 'waits', waits => 'beside');

sub told {
    my ($diff) = @_;
    return map { @{$_->{changes}} } @{$diff->{runbooks}};
}

# Each change as a line; taken back, it is told at the same place the other way round. Who moved, and
# what a list's element is called, may be told otherwise.
sub lines {
    my ($diff, $back) = @_;
    return sort map {
        my $kind = $back ? $opposite{$_->{kind}} // $_->{kind} : $_->{kind};
        my $path = $_->{path};
        $path =~ s/\b\d+\b/N/g;
        join ' ', $_->{scope} // '-', $_->{step} // '-', $path, $kind
    } grep { $_->{kind} !~ /^(moved|beside|waits|renamed)$/ } told($diff);
}

for my $file (split /\n/, qx(git ls-files 'runbooks/*.yaml')) {
    my @commits = reverse split /\n/, qx(git log --format=%h --follow -- '$file');
    for my $i (1 .. $#commits) {
        my ($old, $new) = @commits[$i - 1, $i];
        my $name = "$file $old..$new";
        my ($code, $diff, $text) = diff_of($old, $new, $file);
        ok(($code == 0 || $code == 3) && defined $diff, "$name is compared", $text);
        next unless defined $diff;
        my ($before, $now) = (plan_of($old, $file), plan_of($new, $file));
        my @own = grep { !defined $_->{scope} && $_->{weight} ne 'words' } told($diff);
        my @all = grep { $_->{weight} ne 'words' } told($diff);
        if (defined $before && defined $now) {
            ok($before->{digest} eq $now->{digest} || @all > 0, "$name: another plan is told");
            my (%old, %new);
            %old = steps_of($before);
            %new = steps_of($now);
            my %differs = map { $_ => 1 }
                grep { ($old{$_} // '') ne ($new{$_} // '') } keys %old, keys %new;
            my %named;
            for my $change (@own) {
                $named{(split m{/}, $change->{step})[0]} = 1 if defined $change->{step};
            }
            my @wrong = grep { !$differs{$_} && !passed_over($now, $_) } keys %named;
            ok(!@wrong, "$name: no step is told that is as it was", @wrong);
            # A default, a param or a library changes what many steps do, and is told once.
            my $wide = grep { !defined $_->{step} } @all;
            my %used = map { $_ => 1 }
                map { map { (split m{/})[0] } split /, /, $_->{used_by} // '' } @all;
            my $many = grep { ($_->{used_by} // '') =~ / more$/ } @all;
            my @missed = grep { !$named{$_} && !$used{$_} } sort keys %differs;
            # what only follows another step: its needs go by the name of one that is new or gone
            @missed = grep { needs_only($old{$_}, $new{$_}) == 0 } @missed;
            ok(!@missed || $wide || $many, "$name: each step that differs is told", @missed);
        }
        my (undef, $back, $said) = diff_of($new, $old, $file);
        ok(defined $back && "@{[lines($diff)]}" eq "@{[lines($back, 1)]}", "$name, and back",
           defined $back ? differences([lines($diff)], [lines($back, 1)]) : $said);
        my $tree = tree($new);
        my $self = qx('$tree/build/runbook' diff '$tree/$file' '$tree/$file' 2>&1);
        ok($self =~ /^no change/, "$name: $new against itself: nothing", $self);
    }
}

sub needs_only {
    my ($old, $new) = @_;
    return 0 unless defined $old && defined $new;
    s/"needs":\[[^\]]*\]//g for $old, $new;
    return $old eq $new;
}

sub differences {
    my ($one, $other) = @_;
    my (%one, %other);
    $one{$_}++ for @$one;
    $other{$_}++ for @$other;
    return ((map { "only there: $_" } grep { ($one{$_} // 0) > ($other{$_} // 0) } sort keys %one),
            (map { "only back: $_" } grep { ($other{$_} // 0) > ($one{$_} // 0) } sort keys %other));
}

print "1..$tests\n";
exit($failed > 0);
