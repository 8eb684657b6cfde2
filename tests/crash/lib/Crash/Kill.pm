# R1, R2, R4: the interpreter is killed at every system call that it makes, then resumed.
#
# strace's `when` counts per system call, so the points are all pairs (call, n) of a baseline. KILL
# lands at entry: the call is not made. Only the interpreter's own thread is traced, so its shims
# live on; where there are none, its other threads are traced too. Points before the state folder is
# first looked at are left out: nothing is there yet.
package Crash::Kill;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(shuffle);
use File::Path qw(remove_tree);
use Crash::Scenario qw(scenarios place fresh spawn run_it wait_for command_of resume_of finish
  slurp each_of work_folder run_folder);

our @EXPORT_OK = qw(kill_matrix kill_twice points_of kill_at trace_calls);

# (call, n) of every system call in an strace log from the first that names the state folder.
sub trace_calls {
    my ($log) = @_;
    my (%count, %seen, @points, $begun);
    for (split /\n/, slurp($log)) {
        /^(?:(\d+) +)?([a-z]\w+)\(/ or next;
        my ($thread, $call) = ($1 // 0, $2);
        my $n = ++$count{$thread}{$call};
        my $first = !$seen{$call}{$n}++;    # who makes as many calls first is the one who is hit
        $begun ||= /"state"/;
        next if !$begun || !$first || $call eq 'exit_group';
        push @points, [$call, $n];
    }
    return @points;
}

# Up to where what is to be killed begins.
sub prepare {
    my ($place, $using) = @_;
    fresh($place, $place->{before});
    return if $place->{before} || !$place->{scenario}{after};
    run_it($place->{folder}, [command_of($place, $using)]);
    my $before = "$place->{folder}.before";
    remove_tree($before);
    system('cp', '-a', $place->{folder}, $before) == 0 or die "can't copy $place->{folder}";
    $place->{before} = $before;
}

sub tried {
    my ($place, $using) = @_;
    return $place->{scenario}{after} ? resume_of($place, $using) : command_of($place, $using);
}

sub traced { my ($place) = @_; return $place->{scenario}{threads} ? '-f' : () }

sub points_of {
    my ($place, $using) = @_;
    prepare($place, $using);
    my $log = "$place->{folder}.log";
    my $code = run_it($place->{folder}, ['strace', traced($place), '-qq', '-o', $log, tried($place, $using)]);
    my @points = trace_calls($log);
    unlink $log;
    die "$place->{scenario}{name}: the baseline ended with $code:\n"
      . slurp("$place->{folder}/said")
      unless $code eq '0' || grep { $_ eq $code } @{$place->{scenario}{also}};
    return @points;
}

sub killer {
    my ($place, $point, @command) = @_;
    my ($call, $n) = @$point;
    return ['strace', traced($place), '-qq', '-o', '/dev/null', '-e', "trace=$call", '-e',
        "inject=$call:signal=KILL:when=$n", @command];
}

# True when it really died there: what waits for others makes not always the same calls.
sub died {
    my ($place, $point, @command) = @_;
    my $code = run_it($place->{folder}, killer($place, $point, @command));
    die "$place->{scenario}{name}: it hung at $point->[0] $point->[1]\n" if $code eq 'late';
    return $code eq '137';
}

sub kill_at {
    my ($place, $point, $using) = @_;
    prepare($place, $using);
    return died($place, $point, tried($place, $using));
}

sub told {
    my ($place, $points, $broken) = @_;
    my $where = join ', then at ', map { "$_->[0] $_->[1]" } @$points;
    my $what = join '; ', @$broken;
    return "BAD $place->{scenario}{name}: killed at $where: $what";
}

sub one_point {
    my ($place, $point, $using) = @_;
    my $hit = kill_at($place, $point, $using);
    my @broken = finish($place, $using);
    return told($place, [$point], \@broken) if @broken;
    return $hit ? 'hit' : 'missed';
}

# Also the resume is killed, and resumed.
sub two_points {
    my ($place, $first, $second, $using) = @_;
    kill_at($place, $first, $using);
    my $hit = died($place, $second, resume_of($place, $using));
    my @broken = finish($place, $using);
    return told($place, [$first, $second], \@broken) if @broken;
    return $hit ? 'hit' : 'missed';
}

# The points of a resume, of a run that was killed when half of its points were behind it.
sub resume_points {
    my ($scenario, $points, $under, $using) = @_;
    my $place = place($scenario, "$under/$scenario->{name}.resume");
    my $log = "$place->{folder}.log";
    kill_at($place, $points->[@$points / 2], $using);
    run_it($place->{folder}, ['strace', traced($place), '-qq', '-o', $log, resume_of($place, $using)]);
    my @found = trace_calls($log);
    die "$scenario->{name}: there is no call of a resume to kill it at\n" unless @found;
    return @found;
}

# Takes turns in all scenarios, so that a sample has its share of each.
sub job_list {
    my ($want, @lists) = @_;
    my @jobs;
    while (@jobs < $want && grep { @$_ } @lists) {
        for my $list (@lists) { push @jobs, shift @$list if @$list && @jobs < $want }
    }
    return @jobs;
}

sub carry_out {
    my ($jobs, $workers, $using, $most_missed) = @_;
    my $under = work_folder();
    my %place;    # one a scenario in each worker
    my @said = each_of($jobs, $workers, sub {
        my ($job, $worker) = @_;
        my ($scenario, @points) = @$job;
        my $place = $place{$scenario->{name}} //= place($scenario, "$under/$worker.$scenario->{name}");
        return @points == 1 ? one_point($place, $points[0], $using)
          : two_points($place, @points, $using);
    });
    my @bad = map { s/^BAD //r } grep { /^BAD / } @said;
    my $missed = grep { $_ eq 'missed' } @said;
    # The later a run was killed, the fewer calls its resume makes: of pairs more are missed.
    push @bad, "only ${\(@said - $missed)} of ${\scalar @said} points were reached"
      if @said && $missed > $most_missed * @said;
    return {points => @said - $missed, bad => \@bad};
}

sub all_points {
    my ($using, @names) = @_;
    my $under = work_folder();
    return map {
        my $scenario = $_;
        my @points = points_of(place($scenario, "$under/$scenario->{name}"), $using);
        [$scenario, \@points];
    } scenarios(@names);
}

# WANT points of these scenarios (0: all of them), in an order that SEED gives.
sub kill_matrix {
    my (%how) = @_;
    srand $how{seed};
    my @lists;
    for (all_points($how{using}, @{$how{names} // []})) {
        my ($scenario, $points) = @$_;
        my @taken = shuffle @$points;
        splice @taken, @taken / $scenario->{share} if $scenario->{share} > 1;
        push @lists, [map { [$scenario, $_] } @taken];
    }
    my @jobs = job_list($how{want} || 1e9, @lists);
    return carry_out(\@jobs, $how{workers}, $how{using}, 0.2);
}

# WANT pairs of points: the run is killed, and the resume is.
sub kill_twice {
    my (%how) = @_;
    srand $how{seed};
    my $under = work_folder();
    my @lists;
    for (all_points($how{using}, @{$how{names} // []})) {
        my ($scenario, $points) = @$_;
        next if $scenario->{after};
        my @second = resume_points($scenario, $points, $under, $how{using});
        my $each = int($how{want} / 10 / $scenario->{share}) + 1;
        push @lists,
          [map { [$scenario, $points->[rand @$points], $second[rand @second]] } 1 .. $each];
    }
    my @jobs = job_list($how{want}, @lists);
    return carry_out(\@jobs, $how{workers}, $how{using}, 0.5);
}

1;
