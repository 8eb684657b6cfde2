#!/usr/bin/perl
# A monitor that is killed at random moments, again and again, while what it watches is bad all the
# time: it begins one recovery at a time, each once, forgets no strike and no run.
#   RUNBOOK_WATCH_KILLS=N   how often (default 100); RUNBOOK_SEED=N
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use POSIX qw(setsid);
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname($0) . '/../..');
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $kills = $ENV{RUNBOOK_WATCH_KILLS} // 100;
my $seed = $ENV{RUNBOOK_SEED} // int(time * 1000) % 1_000_000;
srand $seed;
print "# seed $seed, $kills kills\n";

my $dir = tempdir('runbook-watch-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $memory = "$dir/state/monitors/bad";
chdir $dir or die;
sub spew { my ($path, $text) = @_; open my $file, '>', $path or die "$path: $!"; print $file $text; close $file or die }
sub slurp { my ($path) = @_; open my $file, '<', $path or return ''; local $/; return scalar <$file> // '' }

# Two at work at a time would meet here; each leaves a line.
spew('fix.yaml', <<'Y');
runbook: fix
steps:
  alone:
    exec: [mkdir, alone]
    release: [{exec: [rmdir, alone], idempotent: true}]
  told: {shell: "sleep 0.03; echo $RUNBOOK_RUN >> runs", idempotent: true}
Y
spew('monitor.yaml', <<'Y');
monitor: bad
every: 3ms
conditions:
  bad: {checks: [{file.stat: nowhere}], strikes: {failed: 3, of: 3}, run: {runbook: fix.yaml}}
cooldown: 1ms
limit: {runs: 100000, within: 1h}
on_limit: {never: {exec: [touch, never], idempotent: true}}
Y

sub state { my $text = slurp("$memory/state.json"); return $text eq '' ? undef : decode_json($text) }
sub tripped { return scalar(() = slurp("$memory/events.jsonl") =~ /"event":"tripped"/g) }
sub watch {
    my $pid = fork // die;
    return $pid if $pid;
    open STDOUT, '>>', "$dir/out";
    open STDERR, '>&', \*STDOUT;
    exec $runbook, 'watch', 'monitor.yaml', '--state', "$dir/state" or die;
}

my ($forgotten, $unreadable, $refused) = (0, 0, 0);
for (1 .. $kills) {
    my $before = eval { state() };
    my $tripped = tripped();
    my $pid = watch();
    sleep rand 0.12;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    $refused++ if $? != 9;
    my $now = eval { state() };
    $unreadable++ if $@ || (defined $before && !defined $now);
    # Strikes become more, or it trips; it told so before it forgot them.
    next unless $before && $now;
    my ($was, $is) = map { length $_->{conditions}{bad}{rounds} } $before, $now;
    $forgotten++ if $is < $was && tripped() == $tripped;
}
my $pid = watch();
my $end = time + 20;
my $tripped = tripped();
sleep 0.05 until time > $end || tripped() > $tripped;
kill 'TERM', $pid;
waitpid $pid, 0;
my $ended = $?;
# The last recovery goes on by itself.
sleep 0.05 until time > $end || system('flock', '-n', "$memory/run.lock", 'true') == 0;

my @lines = split /\n/, slurp("$dir/runs");
my %count;
$count{$_}++ for @lines;
my @folders = map { s{.*/}{}r } glob "$dir/state/runs/fix-*";
my @failed = grep { slurp("$dir/state/runs/$_/journal.jsonl") !~ /"result":"succeeded"/ } @folders;

my $test = 0;
my $bad = 0;
sub ok { my ($name, $good, $why) = @_; $test++; print $good ? "ok $test - $name\n" : "not ok $test - $name\n# $why\n"; $bad ||= !$good }
ok("none was refused by what it remembers", !$refused && !$unreadable, "$refused ended otherwise, $unreadable times no state: " . slurp("$dir/out"));
ok("no strike is forgotten", !$forgotten, "$forgotten times");
ok("recoveries were begun", @lines > 0, "none");
ok("no two are at work at a time", !@failed, "failed: @failed");
ok("each did its work once", !(grep { $_ > 1 } values %count), join ' ', grep { $count{$_} > 1 } keys %count);
ok("each has a record, and each record its work", @folders == keys %count, @folders . ' records, ' . keys(%count) . ' at work');
ok("the limit was never taken for reached", !-e 'never', '');
ok("told to end, it ends", $ended == 0, $ended);
print "# ", scalar @folders, " recoveries\n1..$test\n";
exit $bad;
