#!/usr/bin/perl
# Cases as data: a folder under tests/cases/ that holds a `command` is a case.
#
#   command  shell lines, run in a copy of the folder; `runbook` is the built one
#   out err  what it must print, after what differs from run to run was replaced (see `settled`)
#   code     its exit code; left out: 0
#   needs    a line for each program without which it can't be tried (root, unshare …; people: see
#            tests/people.sh): it is passed over without one, and fails when RUNBOOK_TEST_REQUIRE names it
#
#   tests/cases.t [NAME...]           those whose path holds NAME
#   tests/cases.t --update [NAME...]  writes what they print as what they must print: read the diff
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);

my $tests = abs_path(dirname($0));
my $root = dirname($tests);
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $build = dirname($runbook);
my $update = @ARGV && $ARGV[0] eq '--update' && shift @ARGV;
my $limit = 60;    # seconds a case may take: a bound, not a measure

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    my $text = <$file>;
    return $text // '';
}

sub spew {
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
}

# What no two runs have in common.
sub settled {
    my ($text, $folder) = @_;
    $text =~ s/\Q$folder\E/DIR/g;
    $text =~ s/\Q$root\E/ROOT/g;
    $text =~ s/\b([a-z][a-z0-9_]*)-\d{8}-\d{6}-[a-z0-9]{5}\b/$1-RUN/g;
    $text =~ s/\b\d{8}-\d{6}\b/STAMP/g;
    $text =~ s/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/TIME/g;
    $text =~ s/\b\d\d:\d\d:\d\d\b/CLOCK/g;
    $text =~ s/\b(\d+h)?(\d+m)?\d+(\.\d+)?s\b(?=.*#dur)/DURATION/g;
    $text =~ s/\b\d+\.\d+(ms|s)\b/DURATION/g;
    $text =~ s/\b[0-9a-f]{64}\b/DIGEST/g;
    $text =~ s/\bpid \d+/pid PID/g;
    return $text;
}

sub find_cases {
    my @found;
    my @folders = ("$tests/cases");
    while (defined(my $folder = shift @folders)) {
        opendir my $handle, $folder or next;
        my @names = sort grep { !/^\./ } readdir $handle;
        closedir $handle;
        push @found, $folder if -e "$folder/command";
        push @folders, grep { -d } map { "$folder/$_" } @names unless -e "$folder/command";
    }
    return sort @found;
}

# Can somebody else be made up here? As tests/people.sh does it.
sub can_be_people {
    return system(q{unshare --mount sh -c 'mount --bind /etc/group /etc/group &&
        echo 4294967295 >/proc/self/loginuid && setpriv --reuid=1 --regid=1 --clear-groups true' >/dev/null 2>&1}) == 0;
}

sub missing_need {
    my ($case) = @_;
    for my $need (split /\n/, slurp("$case/needs")) {
        if ($need eq 'root') { return 'root' if $> != 0; next }
        if ($need eq 'people') { return 'people' unless $> == 0 && can_be_people(); next }
        return $need unless grep { -x "$_/$need" } split /:/, $ENV{PATH};
    }
    return;
}

sub copy_of {
    my ($case) = @_;
    my $folder = tempdir("runbook-case-XXXXXX", TMPDIR => 1);
    system('cp', '-a', "$case/.", $folder) == 0 or die "cp: $case";
    return $folder;
}

# The case's command in a session of its own, so that all of it can be ended. (code, out, err)
sub run_case {
    my ($case) = @_;
    my $folder = copy_of($case);
    my ($out, $err) = map { "$folder/.$_" } qw(out err);
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        POSIX::setsid();
        chdir $folder or die;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $out;
        open STDERR, '>', $err;
        %ENV = (PATH => "$build:$ENV{PATH}", HOME => $folder, LANG => 'C.UTF-8', TZ => 'UTC',
                TERM => 'dumb', RUNBOOK_STATE => "$folder/state", USER => $ENV{USER} // 'root',
                ROOT => $root, (map { $_ => $ENV{$_} } grep { /SAN_OPTIONS$/ && defined $ENV{$_} } keys %ENV));
        exec '/bin/sh', '-c', slurp('command') or die;
    }
    my $code;
    eval {
        local $SIG{ALRM} = sub { die "late\n" };
        alarm $limit;
        waitpid $pid, 0;
        $code = WIFEXITED($?) ? WEXITSTATUS($?) : 128 + WTERMSIG($?);
        alarm 0;
    };
    kill 'KILL', -$pid;
    waitpid $pid, 0 unless defined $code;
    my @result = ($code // "none: not over after ${limit}s", map { settled(slurp($_), $folder) } $out, $err);
    chmod 0700, $folder;
    remove_tree($folder);
    return @result;
}

sub differences {
    my ($case, $code, $out, $err) = @_;
    my $wanted = -e "$case/code" ? slurp("$case/code") =~ s/\s+//gr : 0;
    my @wrong;
    push @wrong, "exit code: $code, wanted $wanted" if $code ne $wanted;
    for (['out', $out], ['err', $err]) {
        my ($name, $text) = @$_;
        my $expected = slurp("$case/$name");
        next if $text eq $expected;
        my $temporary = File::Temp->new;
        print $temporary $text;
        close $temporary;
        my $diff = `diff -u --label wanted-$name --label got-$name '$case/$name' '$temporary' 2>/dev/null`;
        push @wrong, $diff eq '' ? "$name: got:\n$text" : $diff;
    }
    return @wrong;
}

sub write_case {
    my ($case, $code, $out, $err) = @_;
    for (['out', $out], ['err', $err], ['code', $code eq '0' ? '' : "$code\n"]) {
        my ($name, $text) = @$_;
        if ($text eq '') { unlink "$case/$name" } else { spew("$case/$name", $text) }
    }
}

my @cases = find_cases();
# By its path below tests/cases/ alone: the checkout's own folder may hold the word too, and --update would write all.
if (@ARGV) {
    my $skip = length "$tests/cases/";
    @cases = grep { my $name = substr $_, $skip; grep { index($name, $_) >= 0 } @ARGV } @cases;
}

# Several at a time; told in order.
my $parallel = `nproc` + 0 || 2;
my $results = tempdir(CLEANUP => 1);
my %running;
$| = 1;
print "1..", scalar @cases, "\n" unless $update;
my ($next, $told) = (0, 0);
my %required = map { $_ => 1 } split ' ', $ENV{RUNBOOK_TEST_REQUIRE} // '';
while ($told < @cases) {
    while ($next < @cases && keys(%running) < $parallel) {
        my $index = $next++;
        my $case = $cases[$index];
        my $need = missing_need($case);
        my $pid = fork // die "fork: $!";
        if ($pid == 0) {
            if (defined $need) { spew("$results/$index", "skip $need") }
            else {
                my @result = run_case($case);
                if ($update) { write_case($case, @result); spew("$results/$index", '') }
                else { spew("$results/$index", join "\n", differences($case, @result)) }
            }
            POSIX::_exit(0);
        }
        $running{$pid} = $index;
    }
    my $pid = waitpid(-1, 0);
    my $done = delete $running{$pid};
    spew("$results/$done", "the runner itself failed") if defined $done && !-e "$results/$done";
    while ($told < $next && !grep { $_ == $told } values %running) {
        my $wrong = slurp("$results/$told");
        my $name = substr $cases[$told], length("$tests/cases/");
        $told++;
        if ($update) { print "updated $name\n"; next }
        if ($wrong =~ /^skip (.*)/) {
            if (!$required{$1}) { print "ok $told - $name # SKIP needs $1\n"; next }
            $wrong = "$1 is required";
        }
        print $wrong eq '' ? "ok $told - $name\n" : "not ok $told - $name\n";
        print STDERR map { "# $_\n" } split /\n/, "$name\n$wrong" if $wrong ne '';
    }
}
