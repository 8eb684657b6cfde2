# R15, R16: programs that do not want to end, against every way in which a step ends. The trials are
# those of tests/crash/hygiene.c; here they are run, and their two lines are read.
package Crash::Hygiene;
use strict;
use warnings;
use Exporter 'import';
use Crash::Scenario qw($root);

our @EXPORT_OK = qw(hygiene);

# Gives the figures of survivors and of time. A repeat is 72 trials where all methods are there.
sub hygiene {
    my (%how) = @_;
    my $program = "$root/build/tests/crash/hygiene";
    die "$program is not there: `make $program` builds it\n" unless -x $program;
    open my $told, '-|', $program, $how{repeats} or die "$program: $!\n";
    my @lines = <$told>;
    close $told;
    my (%figure, @notes);
    for (@lines) {
        push @notes, $1 if /^# (.*)/;
        next unless /^(not )?ok \d+ - (R\d+) (.*)/;
        $figure{$2} = {failed => !!$1, text => $3};
    }
    my %result = (survivors => $figure{R15}, time => $figure{R16});
    my ($trials) = ($figure{R15}{text} // '') =~ /(\d+) trials/;
    for my $name (keys %result) {
        my $one = $result{$name} // {failed => 1, text => "it ended with $?, and told nothing"};
        $result{$name} = {points => $trials // 0, bad => $one->{failed} ? [$one->{text}, @notes] : [],
            note => $one->{text}};
    }
    return \%result;
}

1;
