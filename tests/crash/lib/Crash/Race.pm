# R17: several `resume` of one run at once. Exactly one proceeds.
package Crash::Race;
use strict;
use warnings;
use Exporter 'import';
use Crash::Kill qw(kill_at);
use Crash::Scenario qw(scenario place fresh spawn wait_for run_it command_of resume_of work_folder
  broken_trace);

our @EXPORT_OK = qw(race);

my $rivals = 4;

# In turns a run that waits for a person, and one whose action still runs under its shim.
sub leave_open {
    my ($round, $waiting, $flying) = @_;
    if ($round % 2) {
        fresh($waiting);
        run_it($waiting->{folder}, [command_of($waiting)]);
        return $waiting;
    }
    kill_at($flying, ['pidfd_open', 2]);
    return $flying;
}

sub one_round {
    my ($place) = @_;
    my @pids = map { spawn($place->{folder}, [resume_of($place)], said => '/dev/null') } 1 .. $rivals;
    my %count;
    $count{wait_for($_)}++ for @pids;
    # One that comes when all is over is told that nothing is left to be resumed.
    my $told = ($count{6} // 0) + ($count{2} // 0);
    my $codes = join ', ', map { "$count{$_} ended with $_" } sort keys %count;
    my @broken = broken_trace($place);
    push @broken, $codes unless ($count{0} // 0) == 1 && $told == $rivals - 1;
    return @broken;
}

sub race {
    my (%how) = @_;
    my $under = work_folder();
    my $waiting = place(scenario('approve'), "$under/approve");
    my $flying = place(scenario('adopt'), "$under/adopt");
    my @bad;
    for my $round (1 .. $how{want}) {
        my $place = leave_open($round, $waiting, $flying);
        push @bad, map { "round $round: $_" } one_round($place);
    }
    return {points => $how{want}, bad => \@bad};
}

1;
