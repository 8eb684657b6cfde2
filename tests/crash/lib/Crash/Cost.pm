# P1: what durability costs a step under the shim, in a chain: syncs and processes, as strace counts
# them, as the difference of a long chain and a short one; and time, which is told but not judged.
package Crash::Cost;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(sum0);
use Time::HiRes qw(time);
use Crash::Scenario qw(run_it slurp spew work_folder $program $root);

our @EXPORT_OK = qw(cost);

sub chain {
    my ($steps) = @_;
    return join '', "runbook: chain\nsteps:\n", map { "  s$_: {exec: [/bin/true]}\n" } 1 .. $steps;
}

sub count_calls {
    my ($folder, $steps) = @_;
    system 'rm', '-rf', "$folder/state";
    spew("$folder/chain.yaml", chain($steps));
    my $code = run_it($folder, ['strace', '-f', '-qq', '-o', "$folder/log", '-e', 'signal=none', '-e',
            'trace=fsync,fdatasync,fork,vfork,clone,clone3', $program, 'run', 'chain.yaml', '--state',
            'state']);
    die "a chain of $steps ended with $code" if $code ne '0';
    my $log = slurp("$folder/log");
    my $syncs = () = $log =~ /\bf(?:data)?sync\(/g;
    my $spawns = () = grep { !/CLONE_THREAD/ } $log =~ /\b(?:v?fork|clone3?)\(.*/g;
    return ($syncs, $spawns);
}

sub cost {
    my (%how) = @_;
    my $folder = work_folder("$root/build");    # where a sync costs something
    my ($short, $long) = (5, 5 + $how{want});
    my @few = count_calls($folder, $short);
    my @many = count_calls($folder, $long);
    my ($syncs, $spawns) = map { ($many[$_] - $few[$_]) / $how{want} } 0, 1;
    my $begun = time;
    system 'rm', '-rf', "$folder/state";
    run_it($folder, [$program, 'run', 'chain.yaml', '--state', 'state']);
    my $each = 1000 * (time - $begun) / $long;
    my @bad;
    push @bad, "$syncs syncs a step" if $syncs > 4;
    push @bad, "$spawns processes a step" if $spawns > 2;
    return {points => $how{want}, bad => \@bad,
        note => sprintf '%.2f syncs and %.2f processes a step; %.2f ms here', $syncs, $spawns, $each};
}

1;
