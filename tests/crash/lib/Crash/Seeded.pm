# R13: the harness proves itself. Each bug of store/seeded.h is built in, and must be found.
package Crash::Seeded;
use strict;
use warnings;
use Exporter 'import';
use File::Path qw(make_path);
use Crash::Kill qw(kill_matrix);
use Crash::Lint qw(lint_all);
use Crash::Record qw(cut_sweep);
use Crash::Scenario qw($root $program slurp);

our @EXPORT_OK = qw(seeded);

my %bugs = (
    1 => 'an intent is run again silently',
    2 => 'nothing is synced',
    3 => 'a torn tail is not cut off',
    4 => 'an intent is taken as done',
    5 => 'the folders are not synced when a run is made',
    6 => 'no intent is written',
    7 => 'the outcome is written before the act',
);

# Only what knows of the seeded bugs is compiled anew; the rest is taken over as it was built.
sub build {
    my ($bug) = @_;
    my $into = "$root/build/seeded/$bug";
    make_path($into);
    my $script = <<'SH';
set -e
mkdir -p "$1/interpreter"
cp -au build/interpreter/. "$1/interpreter/"
grep -rl '"store/seeded.h"' interpreter --include='*.c' | while read -r file; do
  object="$1/${file%.c}.o"
  # A header may have changed since: then the first build has it anew.
  if [ ! "$object" -nt "$file" ] || [ ! "$object" -nt "build/${file%.c}.o" ] || ! grep -qxF "$2" "$1/.bug" 2>/dev/null; then rm -f "$object"; fi
done
echo "$2" >"$1/.bug"
make --no-print-directory BUILD="$1" CFLAGS="-DRUNBOOK_SEEDED_BUG=$2" "$1/runbook" "$1/runbook-shim"
SH
    my $log = "$into/build.log";
    system('cd ' . quotemeta($root) . ' && sh -c ' . quoted($script) . " seed build/seeded/$bug $bug"
          . " >" . quotemeta($log) . ' 2>&1') == 0
      or die "bug $bug can't be built:\n" . slurp($log);
    return "$into/runbook";
}

sub quoted { return "'" . $_[0] =~ s/'/'\\''/gr . "'" }

# The name of what finds it. What is drawn by chance is tried in small portions, up to WANT.
sub found_by {
    my ($using, %how) = @_;
    my %common = (using => $using, workers => $how{workers}, names => ['linear']);
    return 'the lint' if @{lint_all(%common)->{bad}};
    for my $try (0 .. $how{want} / 20) {
        my %drawn = (%common, seed => $how{seed} + $try, want => 20);
        return 'a cut' if @{cut_sweep(%drawn)->{bad}};
        return 'a kill' if @{kill_matrix(%drawn)->{bad}};
    }
    return;
}

sub seeded {
    my (%how) = @_;
    my (@bad, @notes);
    # A harness that always finds something would find these too.
    my $sound = eval { found_by($program, %how, want => 1) // 'nothing' } // $@;
    push @bad, "where no bug is built in, $sound finds one" if $sound ne 'nothing';
    for my $bug (@{$how{bugs} // [sort keys %bugs]}) {
        my $by = eval { found_by(build($bug), %how) };
        push @bad, "bug $bug can't be tried: $@" if $@;
        push @bad, "bug $bug ($bugs{$bug}) is not found" unless $by || $@;
        push @notes, "$bug by $by" if $by;
    }
    my $count = @{$how{bugs} // [keys %bugs]};
    return {points => $count, bad => \@bad, note => join ', ', @notes};
}

1;
