# R15, R16: programs that do not want to end, against every way in which a step ends.
package Crash::Hygiene;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max);
use Time::HiRes qw(time sleep);
use Crash::Scenario qw(spawn wait_for run_it slurp spew each_of work_folder $program $root);

our @EXPORT_OK = qw(hygiene);

my @kinds = qw(ignore daemon runner stopped);
# What is done to the interpreter, whether the step has a shim, and its limit in ms.
my %ways = (
    timeout => {limit => 300},
    timeout_read => {limit => 300, read => 1},
    cancel => {limit => 60_000, send => ['INT', 'INT']},
    term => {limit => 60_000, send => ['TERM', 'TERM']},
    term_read => {limit => 60_000, send => ['TERM', 'TERM'], read => 1},
    kill => {limit => 1500, send => ['KILL']},
    kill_read => {limit => 60_000, send => ['KILL'], read => 1, resume => 1},
);
my $grace = 100;

sub build_evil {
    my $evil = "$root/build/crash/evil";
    system('mkdir', '-p', "$root/build/crash") == 0 or die;
    system(split(' ', $ENV{CC} // 'cc'), '-O1', '-o', $evil, "$root/tests/crash/evil.c") == 0
      or die "can't build $evil";
    return $evil;
}

# Those whose environment tells that they came from this trial.
sub survivors {
    my ($token) = @_;
    my %found;
    for (1 .. 3) {
        for my $path (glob '/proc/[0-9]*') {
            my ($pid) = $path =~ /(\d+)$/;
            $found{$pid} = 1 if index(slurp("$path/environ"), $token) >= 0;
        }
    }
    return grep { (slurp("/proc/$_/stat") =~ /\) (\w)/)[0] // 'Z' ne 'Z' } keys %found;
}

# Waits until it holds, at most a minute.
sub until_true {
    my ($holds) = @_;
    my $until = time + 60;
    until ($holds->()) {
        return 0 if time > $until;
        sleep 0.005;
    }
    return 1;
}

sub runbook_text {
    my ($kind, $way, $evil, $token) = @_;
    my $effect = $way->{read} ? "\n    effect: read" : '';
    return <<"YAML";
runbook: hygiene
defaults: {grace: ${grace}ms, env: {TOKEN: "$token"}}
steps:
  evil:
    exec: ["$evil", "$kind"]$effect
    timeout: $way->{limit}ms
YAML
}

sub send_signals {
    my ($pid, $way) = @_;
    for my $signal (@{$way->{send}}) {
        kill $signal => $pid;
        sleep 0.1;    # two at once would be one
    }
}

# How long after its deadline the tree was empty, by the record; nothing where there is no deadline.
sub overtime {
    my ($folder, $way) = @_;
    return if $way->{send};
    my ($run) = glob "$folder/state/runs/*";
    my ($took) = slurp("$run/journal.jsonl") =~ /"event":"outcome".*?"duration":(\d+),"hash"/;
    return defined $took ? $took / 1e6 - $way->{limit} - $grace : ();
}

sub trial {
    my ($folder, $name, $kind, $evil, $token) = @_;
    my $way = $ways{$name};
    system 'rm', '-rf', $folder;
    mkdir $folder or die "$folder: $!";
    spew("$folder/hygiene.yaml", runbook_text($kind, $way, $evil, $token));
    my $pid = spawn($folder, [$program, 'run', 'hygiene.yaml', '--state', 'state']);
    my $begun = until_true(sub { -e "$folder/ready" });
    send_signals($pid, $way) if $way->{send};
    wait_for($pid);
    return "BAD $kind, $name: it never began" unless $begun;
    if ($way->{resume}) {
        # Resume ends what is left of it before it begins anything: here nothing can be begun.
        system 'mv', "$folder/ready", "$folder/was_ready";
        my $again = spawn($folder, [$program, 'resume', '--state', 'state', '--skip', 'evil=tried']);
        wait_for($again);
    }
    my @left;
    my $gone = $name eq 'kill' ? until_true(sub { !(@left = survivors($token)) })
      : !(@left = survivors($token));
    kill KILL => @left if @left;
    return "BAD $kind, $name: " . @left . ' left' unless $gone;
    return join ' ', 'took', map { sprintf '%.1f', $_ } overtime($folder, $way);
}

sub hygiene {
    my (%how) = @_;
    my $evil = build_evil();
    my $under = work_folder();
    my @jobs;
    my @pairs = map { my $way = $_; map { [$way, $_] } @kinds } sort keys %ways;
    push @jobs, $pairs[@jobs % @pairs] while @jobs < $how{want};
    my @said = each_of([map { [$_, @{$jobs[$_]}] } 0 .. $#jobs], $how{workers}, sub {
        my ($job, $worker) = @_;
        my ($i, $way, $kind) = @$job;
        return trial("$under/$worker", $way, $kind, $evil, "runbook-evil-$$-$i-");
    });
    my @took = sort { $a <=> $b } map { /^took (\S+)/ ? $1 : () } @said;
    my @bad = map { s/^BAD //r } grep { /^BAD / } @said;
    return {points => scalar @said, bad => \@bad, took => \@took};
}

1;
