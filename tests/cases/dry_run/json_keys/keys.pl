# keys.pl GRAMMAR.md PLAN.json...: every key of the plans is in grammar.md's table and is what that says, and
# every key of the table is in one of them.
use strict;
use warnings;
use JSON::PP;

my (%type, %seen);
open my $grammar, '<', shift or die $!;
while (<$grammar>) {
    next unless /^<!-- plan -->/ .. /^<!-- end -->/;
    $type{$1}{$2} = $3 if /^\| (\w+) \| `(\w+)` \| ([\w ]+) \|/;
}

sub kind {
    my ($value) = @_;
    return 'null' unless defined $value;
    return 'bool' if JSON::PP::is_bool($value);
    return ref $value || (JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'text' : 'number');
}

sub fits {
    my ($value, $type, $where) = @_;
    my $kind = kind($value);
    my %plain = (text => 'text', duration => 'text', int => 'number', number => 'number', bool => 'bool');
    if ($type =~ /^(list|map) of (.*)/) {
        my ($outer, $inner) = ($1, $2);
        return print "$where is no $type\n" if $kind ne ($outer eq 'list' ? 'ARRAY' : 'HASH');
        fits($_, $inner, $where) for $outer eq 'list' ? @$value : values %$value;
    } elsif ($type{$type}) {
        return print "$where is no $type\n" if $kind ne 'HASH';
        walk($value, $type);
    } elsif (my $want = $plain{$type}) {
        return if $kind eq $want || ($kind eq 'null' && $type =~ /duration|bool/);
        return if $type eq 'text' && $kind eq 'HASH' && ($value->{'$unknown'} || $value->{'$bytes'});
        print "$where is $kind, not $type\n";
    }
}

sub walk {
    my ($object, $of) = @_;
    for my $key (sort keys %$object) {
        if (my $type = $type{$of}{$key}) {
            $seen{"$of $key"}++;
            fits($object->{$key}, $type, "$of $key");
        } else {
            print "$of $key is not in the table\n";
        }
    }
}

for my $path (@ARGV) {
    open my $file, '<', $path or die $!;
    local $/;
    walk(JSON::PP->new->utf8->decode(<$file>), 'plan');
}
for my $of (sort keys %type) {
    $seen{"$of $_"} or print "$of $_ is in no plan\n" for sort keys %{ $type{$of} };
}
