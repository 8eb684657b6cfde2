# R6, R7: what becomes of a run whose journal was cut or damaged, through the whole program.
# (Every byte and every bit of the journal alone is tried by the unit tests of store.)
package Crash::Record;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(shuffle min);
use Crash::Scenario qw(scenario place fresh run_it command_of resume_of finish slurp spew each_of
  work_folder run_folder $program broken_trace);

our @EXPORT_OK = qw(cut_sweep flip_sweep);

# A run of the scenario as it lies there when nothing is in flight, in a folder of its own for each
# worker, since a record knows its folder; and a copy of it all, to begin from again.
sub finished_run {
    my ($name, $folder, $using) = @_;
    my $place = place(scenario($name), $folder);
    my $code = run_it($place->{folder}, [command_of($place, $using)]);
    die "$name ended with $code" unless $code =~ /^[05]$/;
    $place->{before} = "$folder.before";
    system('cp', '-a', $folder, $place->{before}) == 0 or die "can't copy $folder";
    $place->{journal} = slurp(run_folder($place) . '/journal.jsonl');
    $place->{lines} = [lines_of($place->{journal})];
    return $place;
}

# Where each line begins, and of which attempt it is the intent.
sub lines_of {
    my ($journal) = @_;
    my ($at, @lines) = (0);
    for my $text (split /(?<=\n)/, $journal) {
        my ($seq) = $text =~ /"seq":(\d+)/;
        my ($step) = $text =~ /"event":"intent","step":"(\w+)"/;
        push @lines, {at => $at, length => length $text, seq => $seq, step => $step};
        $at += length $text;
    }
    return @lines;
}

# The disk as a crash leaves it when only SIZE bytes of the journal came there, and TAIL behind
# them: what was to follow an intent that is not whole has not begun. Or, with KEPT, as no crash can
# leave it: synced lines are gone, and the attempts that they tell of are there.
sub cut_back {
    my ($place, $size, $tail, $kept) = @_;
    my $run = run_folder($place);
    spew("$run/journal.jsonl", substr($place->{journal}, 0, $size) . $tail);
    my $trace = '';
    for my $line (@{$place->{lines}}) {
        next unless $line->{step};
        if ($line->{at} + $line->{length} - 1 <= $size) { $trace .= "$line->{step}\n" }
        elsif (!$kept) { unlink "$run/attempts/$line->{seq}" }
    }
    spew("$place->{folder}/trace", $trace);
}

# The record is sound after it all: a reader takes it.
sub unsound {
    my ($place, $using) = @_;
    my $id = run_folder($place) =~ s{.*/}{}r;
    my $code = run_it($place->{folder}, [$using // $program, 'show', $id, '--state', 'state']);
    return $code eq '0' ? () : "the record is not sound afterwards ($code)";
}

# What is true of a record that must not be gone on with.
sub not_refused {
    my ($place, $using) = @_;
    my $before = slurp("$place->{folder}/trace");
    my $code = run_it($place->{folder}, [resume_of($place, $using)]);
    my @broken;
    push @broken, "taken as it was ($code)" if $code ne '11';
    push @broken, 'something ran' if slurp("$place->{folder}/trace") ne $before;
    return @broken;
}

# (line, bytes of it that are there, what stands behind them, whether attempts stay): two runs differ by a few bytes.
sub cut_jobs {
    my ($lines, $want, $seed) = @_;
    my @jobs;
    for my $i (1 .. $#$lines) {    # a run whose first line is torn never began
        push @jobs, map { [$i, $_, ''] } 0 .. $lines->[$i]{length} - 1;
        push @jobs, map { [$i, 0, $_] } "\0" x 100, "\0" x 4096, "\xff\x00garbage{" x 9;
        push @jobs, [$i, 0, '', 1] if grep { $_->{step} } @$lines[$i .. $#$lines];
    }
    srand $seed;
    @jobs = shuffle @jobs;
    return @jobs[0 .. min($want || @jobs, scalar @jobs) - 1];
}

sub one_cut {
    my ($place, $job, $using) = @_;
    my ($i, $bytes, $tail, $kept) = @$job;
    my $line = $place->{lines}[$i] // return 'tried';
    fresh($place, $place->{before});
    cut_back($place, $line->{at} + min($bytes, $line->{length} - 1), $tail, $kept);
    my @broken = $kept ? not_refused($place, $using)
      : (finish($place, $using), unsound($place, $using));
    return 'tried' unless @broken;
    return sprintf 'BAD line %d cut at byte %d, then %d bytes%s: %s', $i + 1, $bytes, length $tail,
      $kept ? ', its attempts kept' : '', join '; ', @broken;
}

sub cut_sweep {
    my (%how) = @_;
    my $under = work_folder();
    my $model = finished_run('linear', "$under/model", $how{using});
    my @jobs = cut_jobs($model->{lines}, $how{want}, $how{seed});
    my $place;
    my @said = each_of(\@jobs, $how{workers}, sub {
        my ($job, $worker) = @_;
        $place //= finished_run('linear', "$under/$worker", $how{using});
        return one_cut($place, $job, $how{using});
    });
    my @bad = map { s/^BAD //r } grep { /^BAD / } @said;
    return {points => scalar @said, bad => \@bad};
}

# One bit is turned; then the record is refused, or the damage was in its last, unsynced end and
# all is as if it had been cut.
sub one_flip {
    my ($place, $bit, $using) = @_;
    my $journal = $place->{journal};
    return 'tried' if $bit >= 8 * length $journal;
    my $torn = int($bit / 8) >= length($journal) - 1;
    fresh($place, $place->{before});
    vec($journal, $bit, 1) ^= 1;
    spew(run_folder($place) . '/journal.jsonl', $journal);
    my $before = slurp("$place->{folder}/trace");
    my $id = run_folder($place) =~ s{.*/}{}r;
    my $code = run_it($place->{folder}, [resume_of($place, $using), $id]);
    my @broken = $code ne '11' && !($torn && $code eq '0') ? "taken as it was ($code)"
      : $code eq '0' ? broken_trace($place)
      : slurp("$place->{folder}/trace") ne $before ? 'refused, but something ran' : ();
    return @broken ? "BAD bit $bit: " . join '; ', @broken : 'tried';
}

sub flip_sweep {
    my (%how) = @_;
    my $under = work_folder();
    my $model = finished_run('approve', "$under/model", $how{using});
    srand $how{seed};
    my @bits = shuffle 0 .. 8 * length($model->{journal}) - 1;
    @bits = @bits[0 .. min($how{want} || @bits, scalar @bits) - 1];
    my $place;
    my @said = each_of(\@bits, $how{workers}, sub {
        my ($bit, $worker) = @_;
        $place //= finished_run('approve', "$under/$worker", $how{using});
        return one_flip($place, $bit, $how{using});
    });
    my @bad = map { s/^BAD //r } grep { /^BAD / } @said;
    return {points => scalar @said, bad => \@bad};
}

1;
