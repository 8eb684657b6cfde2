# Scenarios: runbooks that tell by themselves what must have happened when they are through.
#
# A scenario is a runbook under scenarios/ with lines of its own in comments:
#
#   #: once NAME...     each is in the file `trace` exactly once: a change that may not be repeated
#   #: least NAME...    each is there once or more: what reads or is idempotent may run twice
#   #: run ARGS...      more arguments of `runbook run`; {url} is the server's
#   #: resume ARGS...   the same of `runbook resume`
#   #: also CODE...     exit codes beside 0 after which one resumes, as an operator would
#   #: server           a small HTTP server is there
#   #: threads          all of it is done by the interpreter: its other threads are killed at, too
#   #: files            the interpreter itself changes files
#   #: after            what is tried is not the run but the resume that follows it
#   #: share N          every Nth point is enough: its points take long
#   #: ends COMMAND     a shell command that must end well in the folder, when all is over
package Crash::Scenario;
use strict;
use warnings;
use Exporter 'import';
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Path qw(remove_tree make_path);
use File::Temp qw(tempdir);
use Fcntl qw(:flock);
use POSIX ();
use Time::HiRes qw(time sleep);
use Crash::Server;

our @EXPORT_OK = qw(scenarios scenario place $root $program slurp spew spawn wait_for run_it
  command_of resume_of finish broken_trace fresh each_of work_folder run_folder);

our $root = abs_path(dirname(__FILE__) . '/../../../..');
our $program = $ENV{RUNBOOK} // "$root/build/runbook";
my $limit = 120;    # seconds that one command may take: a bound for a loaded machine, no measure

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    return scalar(<$file>) // '';
}

sub spew {
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
}

sub read_scenario {
    my ($path) = @_;
    my %it = (path => $path, name => basename($path, '.yaml'), share => 1);
    $it{$_} = [] for qw(once least run resume also ends);
    for (split /\n/, slurp($path)) {
        /^#: (\w+) ?(.*)/ or next;
        my ($key, $rest) = ($1, $2);
        if ($key eq 'ends') { push @{$it{ends}}, $rest }
        elsif (ref $it{$key}) { push @{$it{$key}}, split ' ', $rest }
        else { $it{$key} = length $rest ? $rest : 1 }
    }
    return \%it;
}

sub scenarios {
    my @only = @_;
    my @found = map { read_scenario($_) } sort glob "$root/tests/crash/scenarios/*.yaml";
    return grep { my $name = $_->{name}; !@only || grep { $_ eq $name } @only } @found;
}

sub scenario { return (scenarios(@_))[0] // die "no scenario @_" }

# Where everything is tried, in UNDER or else in memory, if there is such a place. No sync is slow there, and that
# each is asked for is the lint's business.
sub work_folder {
    my ($under) = @_;
    $under //= -d '/dev/shm' && -w _ ? '/dev/shm' : $ENV{TMPDIR} // '/tmp';
    return tempdir('runbook-crash-XXXXXX', DIR => $under, CLEANUP => 1);
}

# A folder for one scenario, with its server when it wants one. It is emptied by `fresh`.
sub place {
    my ($scenario, $folder) = @_;
    make_path($folder);
    my %place = (scenario => $scenario, folder => $folder);
    $place{server} = Crash::Server->new("$folder/trace") if $scenario->{server};
    fresh(\%place);
    return \%place;
}

sub fresh {
    my ($place, $from) = @_;
    remove_tree($place->{folder}, {keep_root => 1});
    if ($from) {
        system('cp', '-a', "$from/.", $place->{folder}) == 0 or die "can't copy $from";
        return;
    }
    spew("$place->{folder}/scenario.yaml", slurp($place->{scenario}{path}));
}

sub filled {
    my ($place, @words) = @_;
    my $url = $place->{server} ? $place->{server}{url} : '';
    s/\{url\}/$url/ for @words;
    return @words;
}

sub command_of {
    my ($place, $using) = @_;
    return ($using // $program, 'run', 'scenario.yaml', '--state', 'state',
        filled($place, @{$place->{scenario}{run}}));
}

sub resume_of {
    my ($place, $using) = @_;
    return ($using // $program, 'resume', '--state', 'state',
        filled($place, @{$place->{scenario}{resume}}));
}

# Starts a command in FOLDER; what it prints goes to FOLDER/said, or to a file of its own.
sub spawn {
    my ($folder, $command, %how) = @_;
    my $pid = fork() // die "fork: $!";
    return $pid if $pid;
    chdir $folder or POSIX::_exit(126);
    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', $how{said} // "$folder/said";
    open STDERR, '>&', \*STDOUT;
    { no warnings "exec"; exec {$command->[0]} @$command }
    POSIX::_exit(127);
}

# Its exit code, or 128 and the signal; 'late' when it had to be killed.
sub wait_for {
    my ($pid) = @_;
    my $code = eval {
        local $SIG{ALRM} = sub { die "late\n" };
        alarm $limit;
        waitpid $pid, 0;
        my $status = $?;
        alarm 0;
        $status & 127 ? 128 + ($status & 127) : $status >> 8;
    };
    return $code if defined $code;
    kill KILL => $pid;
    waitpid $pid, 0;
    return 'late';
}

sub run_it { return wait_for(spawn(@_)) }

# The folder of its one run, or nothing.
sub run_folder {
    my ($place) = @_;
    my @found = glob "$place->{folder}/state/runs/*";
    return $found[0];
}

# What of `once` and `least` is not as it must be.
sub broken_trace {
    my ($place) = @_;
    my %seen;
    $seen{$_}++ for split /\n/, slurp("$place->{folder}/trace");
    my @broken;
    for my $name (@{$place->{scenario}{once}}) {
        my $count = delete $seen{$name} // 0;
        push @broken, "$name was skipped" if $count == 0;
        push @broken, "$name was repeated ($count times)" if $count > 1;
    }
    for my $name (@{$place->{scenario}{least}}) {
        push @broken, "$name was skipped" unless delete $seen{$name};
    }
    push @broken, "$_ should not have run" for sort keys %seen;
    return @broken;
}

# Killed before there was a record, or after its last line: then it is right that nothing is there to
# be resumed. A last line that lacks nothing but its newline is whole: it is mended, which a note tells.
sub nothing_to_resume {
    my ($place, $using) = @_;
    my $journal = slurp((run_folder($place) // '') . '/journal.jsonl');
    return 0 if $journal =~ /"event":"ended"[^\n]*\n(?:[^\n]*"event":"note"[^\n]*\n)?\z/;
    return 'a record that is not found' if $journal =~ /\n/;
    return 'acts without a record' if -s "$place->{folder}/trace";
    return begin_anew($place, $using);
}

# What a person does after a crash: resumes until it is through. Gives what went wrong.
sub finish {
    my ($place, $using) = @_;
    my $scenario = $place->{scenario};
    my ($code, $tries) = ('', 0);
    while ($tries++ < 4) {
        $code = run_it($place->{folder}, [resume_of($place, $using)]);
        last unless grep { $_ eq $code } @{$scenario->{also}};
    }
    $code = nothing_to_resume($place, $using) if $code eq '2';
    my @broken;
    push @broken, $code eq '10' ? 'a question was asked' : "resume ended with $code" if $code ne '0';
    push @broken, broken_trace($place);
    for (@{$scenario->{ends}}) {
        push @broken, "does not hold: $_"
          if run_it($place->{folder}, ['/bin/sh', '-c', $_]) ne '0';
    }
    return @broken;
}

sub begin_anew {
    my ($place, $using) = @_;
    my $code = run_it($place->{folder}, [command_of($place, $using)]);
    my $tries = 0;
    while ($tries++ < 4 && grep { $_ eq $code } @{$place->{scenario}{also}}) {
        $code = run_it($place->{folder}, [resume_of($place, $using)]);
    }
    return $code;
}

# Calls WORK->(item, worker's number) for every item, in as many processes as WORKERS says, and gives
# the one line that each returned. Each worker takes the next item as soon as it is free. An item
# without an answer is a failure of the harness, and is told as one.
sub each_of {
    my ($items, $workers, $work) = @_;
    pipe my $read, my $write or die "pipe: $!";
    my ($tickets, @pids) = (ticket_file(), ());
    for my $worker (1 .. $workers) {
        my $pid = fork() // die "fork: $!";
        if ($pid == 0) {
            close $read;
            File::Temp->safe_level(0);
            while (defined(my $next = next_ticket($tickets))) {
                last if $next >= @$items;
                my $said = eval { $work->($items->[$next], $worker) } // "BAD it could not be tried: $@";
                syswrite $write, $said =~ s/\n/ /gr . "\n";
            }
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    close $write;
    my @lines = <$read>;
    waitpid $_, 0 for @pids;
    unlink $tickets;
    chomp @lines;
    die @$items - @lines, " of ", scalar @$items, " were not tried\n" if @lines != @$items;
    return @lines;
}

sub ticket_file {
    my ($handle, $path) = File::Temp::tempfile('runbook-crash-tickets-XXXXXX', TMPDIR => 1);
    print $handle 0;
    close $handle;
    return $path;
}

sub next_ticket {
    my ($path) = @_;
    open my $file, '+<', $path or return;
    flock $file, LOCK_EX;
    my $next = <$file>;
    seek $file, 0, 0;
    print $file $next + 1;
    close $file;
    return $next;
}

1;
