#!/usr/bin/perl
# A disk that fails: a sync that fails is the end of the record, a full disk ends the run in order,
# an output that can't be kept is told of. In each case nothing new begins and a resume is sound.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Crash::Scenario qw($program run_it slurp spew work_folder);

my $folder = work_folder();
my $n = 0;

sub told {
    my ($what, @bad) = @_;
    $n++;
    print @bad ? 'not ' : '', "ok $n - $what\n", map { "# $_\n" } @bad;
}

sub clean {
    system('rm', '-rf', "$folder/state", map { "$folder/$_" } qw(trace said log)) == 0 or die;
}

# Its last words.
sub said { return substr(slurp("$folder/said"), -1500) =~ s/\n/ | /gr }

sub lines { return split /\n/, slurp("$folder/$_[0]") }

# Runs it with these faults; the calls of the journal are in `log`, and what it said is in `said`.
sub run_with {
    my ($runbook, @inject) = @_;
    clean();
    spew("$folder/book.yaml", $runbook);
    return run_it($folder, ['strace', '-y', '-qq', '-o', 'log', '-e', 'signal=none', '-e',
            'trace=fdatasync,fallocate', (map { ('-e', "inject=$_") } @inject), $program, 'run',
            'book.yaml', '--state', 'state']);
}

sub resume { return run_it($folder, [$program, 'resume', '--state', 'state', @_]) }

sub journal { return slurp((glob "$folder/state/runs/*/journal.jsonl")[0] // '') }

# Syncs of the record that were asked for after the first that failed.
sub syncs_after_failure {
    my ($failed, $after) = (0, 0);
    for (grep { /fdatasync/ } lines('log')) {
        $after++ if $failed;
        $failed ||= /EIO/;
    }
    return $after;
}

sub steps {
    my ($names, $shell, $more) = @_;
    return join '', "runbook: book\nsteps:\n", map { "  $_:\n    shell: $shell\n" . ($more // '') }
      @$names;
}

# ---- the Nth sync of the record fails, for every N that there is ----

sub failed_sync {
    my ($at) = @_;
    my $code = run_with(steps(['a', 'b', 'c'], 'echo $RUNBOOK_STEP >>trace'),
        "fdatasync:error=EIO:when=$at");
    my $syncs = grep { /fdatasync/ } lines('log');
    return if $syncs < $at && $code eq '0';
    my @bad;
    push @bad, "it ended with $code" if $code ne '11';
    push @bad, 'it was synced again' if syncs_after_failure();
    # The first sync is that of the first intent, and so on; the last that of the end.
    my @ran = lines('trace');
    push @bad, 'after the failure it began ' . join ' ', @ran[$at - 1 .. $#ran] if @ran >= $at;
    push @bad, 'it does not say so' unless slurp("$folder/said") =~ /can't sync the journal/;
    my $again = resume();
    push @bad, "resume ended with $again" if $again !~ /^[02]$/;
    push @bad, 'not each ran once: ' . join ' ', lines('trace') if "@{[lines('trace')]}" ne 'a b c';
    return [map { "sync $at: $_" } @bad];
}

sub failed_syncs {
    my ($at, @bad) = (1);
    while (my $found = failed_sync($at)) {
        push @bad, @$found;
        last if ++$at > 20;
    }
    push @bad, 'only ' . ($at - 1) . ' syncs failed' if $at < 5;
    push @bad, 'it never came through' if $at > 20;
    told('after a sync that failed nothing begins and nothing is synced: 11, and a resume', @bad);
}

# ---- the disk is full: seen by the write that takes an intent along ----

sub full_disk {
    my $count = 9;
    my @names = map { "s$_" } 1 .. $count;
    # That nothing could begin is no failure of the step, so nobody bears it.
    my $code = run_with(steps(\@names, 'echo $RUNBOOK_STEP >>trace; printf "%060000d" 1',
            "    tolerate: It may fail.\n"),
        'fallocate:error=ENOSPC:when=2+');
    my (@bad, $said);
    $said = said();
    my @ran = lines('trace');
    my $journal = journal();
    push @bad, "it ended with $code" if $code ne '11';
    push @bad, 'the fault was not met' unless slurp("$folder/log") =~ /ENOSPC/;
    push @bad, 'all or none ran: ' . @ran if @ran == 0 || @ran == $count;
    push @bad, "it does not say so: $said" unless $said =~ /the disk is full: .*reserve/;
    my $intents = () = $journal =~ /"event":"intent"/g;
    my $not_started = () = $journal =~ /"outcome":"not_started"/g;
    push @bad, "$intents intents, " . @ran . " ran, $not_started were told not to have started"
      if $intents != @ran + $not_started || !$not_started;
    push @bad, 'the record has no end' unless $journal =~ /"event":"ended"[^\n]*\n\z/;
    my $again = resume();
    push @bad, "resume ended with $again" if $again ne '0';
    push @bad, 'not each ran once: ' . join ' ', lines('trace')
      if "@{[lines('trace')]}" ne "@names";
    told('on a full disk what is queued is not begun, the run ends in order: 11, and a resume', @bad);
}

# ---- an output that can't be kept: its folder is gone ----

sub lost_output {
    my $book = <<'YAML';
runbook: book
steps:
  big:
    shell: echo big >>trace; rmdir "$PWD"/state/runs/*/files; printf "%0100000d" 1
  next: {shell: echo next >>trace}
YAML
    my $code = run_with($book);
    my $said = said();
    my @bad;
    push @bad, "it ended with $code: $said" if $code ne '10';
    push @bad, "it does not say so: $said" unless $said =~ /its outputs can't be kept/;
    push @bad, 'what follows began' if "@{[lines('trace')]}" ne 'big';
    my $journal = journal();
    push @bad, 'the record has no end' unless $journal =~ /"event":"ended"[^\n]*\n\z/;
    push @bad, 'it is not told' unless $journal =~ /"outcome":"lost"[^\n]*can't be kept/;
    mkdir "$_/files" for glob "$folder/state/runs/*";
    my $asked = resume();
    push @bad, "resume without an answer ended with $asked" if $asked ne '10';
    my $again = resume('--assume-done', 'big=It ended well.');
    push @bad, "resume ended with $again: " . said() if $again ne '0';
    push @bad, 'not each ran once: ' . join ' ', lines('trace')
      if "@{[lines('trace')]}" ne 'big next';
    told("an output that can't be kept makes its step unknown, and the record goes on", @bad);
}

# The same of outputs that the step computes itself: they were asked for, so it fails.
sub lost_computed {
    my $book = <<'YAML';
runbook: book
steps:
  big:
    shell: rmdir state/runs/*/files; printf "%060000d" 1
    idempotent: true
    outputs:
      twice: {type: string, value: "${result.stdout}${result.stdout}"}
  next: {shell: echo next >>trace}
YAML
    my $code = run_with($book);
    my $said = said();
    my @bad;
    push @bad, "it ended with $code: $said" if $code ne '1';
    push @bad, "it does not say so: $said" unless $said =~ /its outputs can't be kept/;
    push @bad, 'what follows began' if lines('trace');
    told("an output of its own that can't be kept fails the step", @bad);
}

$| = 1;
print "1..4\n";
failed_syncs();
full_disk();
lost_output();
lost_computed();
