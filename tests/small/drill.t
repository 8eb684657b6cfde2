#!/usr/bin/perl
# Does a simulated drill tell the truth? Random runbooks, each with one step that really fails, or really
# runs into its time limit: what the run then does is what the drill said that it would.
#   RUNBOOK_DRILLS=N   how many (default 40); RUNBOOK_SEED=N
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Time::HiRes qw(time);

my $root = abs_path(dirname($0) . '/../..');
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $games = $ENV{RUNBOOK_DRILLS} // 40;
my $seed = $ENV{RUNBOOK_SEED} // int(time * 1000) % 1_000_000;
srand $seed;
print "# seed $seed\n";

my $dir = tempdir('runbook-drill-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chdir $dir or die;
sub spew { my ($path, $text) = @_; open my $file, '>', $path or die "$path: $!"; print $file $text; close $file or die }
sub slurp { my ($path) = @_; open my $file, '<', $path or return ''; local $/; return scalar <$file> // '' }
sub chance { return rand() < $_[0] }

# It fails, or hangs, where it is told to.
spew('act', "#!/bin/sh\n[ ! -e fails_\$1 ] || exit 1\n[ ! -e hangs_\$1 ] || exec sleep 20\n");
chmod 0755, 'act';

my $count;
sub action { my ($name) = @_; return "exec: [./act, $name], timeout: 300ms" }
sub entry { my ($key, $name) = @_; return "$key: [{" . action($name) . ', idempotent: true}]' }
# One step, of what a step can have. OTHERS: those before it, for `needs`.
sub step {
    my ($others, $deep) = @_;
    my $id = 's' . ++$count;
    my @keys;
    # One after the other: what runs beside what fails is at work or not as time will have it.
    push @keys, 'needs: [' . join(', ', (grep { chance(0.5) } @$others[0 .. $#$others - 1]), $others->[-1]) . ']' if @$others && chance(0.4);
    if ($deep && chance(0.2)) {
        my @inside;
        my @lines = map { my ($inner, $line) = step([@inside], 0); push @inside, $inner; "    $line" } 1 .. 1 + int rand 3;
        return ($id, "$id:\n" . join('', map { "    $_\n" } @keys) . "    steps:\n" . join("\n", map { "  $_" } @lines));
    }
    push @keys, action($id);
    push @keys, 'effect: read' if chance(0.2);
    push @keys, 'idempotent: true' if chance(0.3);
    push @keys, entry('undo', "u_$id") if chance(0.5);
    push @keys, entry('release', "r_$id") if chance(0.25);
    push @keys, 'tolerate: It can be borne.' if chance(0.15);
    push @keys, 'when: "${false}"' if chance(0.08);
    push @keys, 'irreversible: Behind it nobody goes back.' if chance(0.06);
    return ($id, "$id: {" . join(', ', @keys) . '}');
}
sub make_runbook {
    $count = 0;
    my (@ids, @lines);
    for (1 .. 3 + int rand 6) { my ($id, $line) = step([@ids], 1); push @ids, $id; push @lines, "  $line\n" }
    my $text = "runbook: drilled\nallow: {RB106: Some are never run.}\nsteps:\n@lines";
    $text =~ s/^ (  s)/$1/mg;
    $text .= "on_failure:\n" . (chance(0.5) ? "  back: {undo_run: {}}\n" : "  told: {" . action('told') . "}\n") if chance(0.6);
    return $text;
}

# What a run did, by its record.
sub done_by {
    my ($code) = @_;
    my ($journal) = glob 'state/runs/*/journal.jsonl';
    my (%state, %done, %result);
    for (split /\n/, slurp($journal // '/dev/null')) {
        my $event = decode_json($_);
        my $step = $event->{step};
        $result{result} = $event->{result} if $event->{event} eq 'ended';
        next unless defined $step;
        if ($event->{event} eq 'done' && $step =~ m{^(.*)/undo/1$}) { $result{taken_back}{$1} = 1 }
        if ($event->{event} eq 'done' && $step =~ m{^(.*)/release/1$}) { $result{given_back}{$1} = 1 }
        if ($event->{event} eq 'failed' && $event->{tolerated}) { $result{tolerated}{$step} = 1 }
    }
    return canonical($result{result}, $code, map { [keys %{$result{$_} // {}}] } qw(taken_back given_back tolerated));
}
sub canonical {
    my ($result, $code, @lists) = @_;
    return "$result ($code) back: @{[sort @{$lists[0]}]}; given: @{[sort @{$lists[1]}]}; borne: @{[sort @{$lists[2]}]}";
}

my ($test, $bad, $drilled) = (0, 0, 0);
for my $game (1 .. $games) {
    spew('runbook.yaml', my $text = make_runbook());
    my $told = eval { decode_json(scalar qx($runbook drill --simulate runbook.yaml --format json 2>drill.err)) };
    if (!$told) { print 'not ok ', ++$test, " - drill of game $game\n", map { "# $_\n" } split /\n/, $text . slurp("drill.err") . $@; $bad = 1; next }
    my @rows = grep { $_->{step} !~ m{/} && $_->{fault} eq ($game % 8 ? 'fails' : 'times_out') && $_->{at} eq $_->{step} } @{$told->{faults}};
    next unless @rows;
    my $row = $rows[rand @rows];
    my $then = $row->{then};
    my $sign = ($row->{fault} eq 'fails' ? 'fails_' : 'hangs_') . $row->{step};
    spew($sign, '');
    system("timeout 60 $runbook run runbook.yaml --state state --yes >run.out 2>&1");
    my $real = done_by($? >> 8);
    my $said = canonical($then->{result}, $then->{exit}, map { [map { ref $_ ? $_->{step} : $_ } @{$then->{$_}}] } qw(taken_back given_back tolerated));
    unlink $sign;
    system('rm', '-rf', 'state');
    $drilled++;
    next if $real eq $said;
    $bad = 1;
    print 'not ok ', ++$test, " - game $game: $row->{step} $row->{fault}\n# drill: $said\n# run:   $real\n", map { "# $_\n" } split /\n/, $text;
}
print $bad ? '' : 'ok ' . ++$test . " - $drilled runs did what the drill said\n";
print $drilled * 2 >= $games ? 'ok ' : 'not ok ', ++$test, " - most of $games games could be played\n";
print "1..$test\n";
exit($bad || $drilled * 2 < $games);
