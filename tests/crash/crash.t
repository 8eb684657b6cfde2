#!/usr/bin/perl
# A sample of what `make crash` tries: the same harness, fewer points.
#
#   RUNBOOK_CRASH_POINTS   how many points of the kill matrix (120); the rest grows with it
#   RUNBOOK_CRASH_SEED     which ones: printed, to draw the same again
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash::Cost qw(cost);
use Crash::Hygiene qw(hygiene);
use Crash::Kill qw(kill_matrix kill_twice);
use Crash::Lint qw(lint_all);
use Crash::Race qw(race);
use Crash::Record qw(cut_sweep flip_sweep);
use Crash::Seeded qw(seeded);

my $points = $ENV{RUNBOOK_CRASH_POINTS} // 120;
my $seed = $ENV{RUNBOOK_CRASH_SEED} // time % 1_000_000;
my $workers = $ENV{RUNBOOK_CRASH_JOBS} // (`nproc` + 0 || 2);
my %common = (seed => $seed, workers => $workers);

# A share of the points, but never so few that nothing is tried.
sub share { my ($part) = @_; return int($points * $part) || 1 }

my @tests = (
    ['killed at a system call, resumed: nothing repeated, skipped or asked',
        sub { kill_matrix(%common, want => $points) }],
    ['killed, and the resume killed as well', sub { kill_twice(%common, want => share(0.1)) }],
    ['journal cut at a byte', sub { cut_sweep(%common, want => share(0.2)) }],
    ['a bit of the journal flipped', sub { flip_sweep(%common, want => share(0.3)) }],
    ['nothing begins, ends or is created unsynced', sub { lint_all() }],
    ['a seeded bug is found: the folders are not synced',
        sub { seeded(%common, want => 1, bugs => [5]) }],
    ['programs that do not want to end', sub { hygiene(repeats => 1)->{survivors} }],
    ['of four resumes at once one goes on', sub { race(want => share(0.04)) }],
    ['what a step under the shim costs', sub { cost(want => 10) }],
);

$| = 1;
print '1..', scalar @tests, "\n# seed $seed\n";
my $n = 0;
for my $test (@tests) {
    my ($what, $try) = @$test;
    my $result = eval { $try->() } // {points => 0, bad => [split /\n/, $@]};
    my @bad = @{$result->{bad}};
    push @bad, 'nothing was tried' unless $result->{points} || @bad;
    $n++;
    print @bad ? 'not ' : '', "ok $n - $what ($result->{points})\n";
    print "# $result->{note}\n" if $result->{note};
    print "# $_\n" for @bad;
}
