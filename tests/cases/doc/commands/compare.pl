# compare.pl PLAN.json CHECKLIST.md: every deed of the plan stands in the checklist once, in the order in
# which it is done; each block is bash; a program's words are those of the plan.
use strict;
use warnings;
use JSON::PP;

my %word = (
    'shell' => '/bin/sh -eu', 'file.read' => 'cat --', 'file.stat' => 'stat --', 'file.find' => 'find ',
    'file.free' => 'df ', 'file.digest' => 'sha256sum', 'file.write' => 'printf %s', 'file.copy' => 'cp -T',
    'file.move' => 'mv ', 'file.edit' => 'perl', 'file.remove' => '(?:rm -r|find )', 'archive.list' => '(?:tar|unzip)',
    'archive.create' => '(?:tar|zip)', 'archive.extract' => '(?:tar|unzip)', 'http.get' => 'curl.*--request GET',
    'http.post' => 'curl.*--request POST', 'http.put' => 'curl.*--request PUT', 'http.patch' => 'curl.*--request PATCH',
    'http.delete' => 'curl.*--request DELETE', 'mail.send' => 'curl', 'tcp.probe' => '/dev/tcp/',
    'process.list' => 'pgrep', 'process.signal' => 'p?kill', map { ($_ => 'psql') }
      qw(sql.ping sql.query sql.exec sql.copy_in sql.copy_out));

sub slurp { open my $file, '<', $_[0] or die "$_[0]: $!"; local $/; return scalar <$file> }

# ---- the plan ----

my (@deeds, @undos, @releases, $at_end);

sub block { check($_) for @{ ($_[0] // {})->{checks} // [] } }

sub check {
    my ($check) = @_;
    push @deeds, $check->{deed} if $check->{deed};
    check($_) for map { @{ $check->{$_} // [] } } qw(any not);
    check($_) for @{ ($check->{each} // {})->{checks} // [] };
    step($_) for @{ $check->{inside} // [] };
}

sub step {
    my ($step) = @_;
    my $call = $step->{call} // {};
    # `done_if: verified` is told in words.
    my ($done, $verify) = map { JSON::PP->new->canonical->encode($step->{$_} // {}) } qw(done_if verify);
    $done =~ s{/done_if/}{/verify/}g;
    block($step->{done_if}) if $done ne $verify;
    block($step->{preconditions});
    push @deeds, $step->{deed} if $step->{deed};
    block($call->{$_}) for qw(target preconditions);
    step($_) for @{ $step->{inside} // [] }, @{ $call->{on_failure} // [] };
    block($step->{wait});
    block($step->{verify});
    if ($at_end) {
        step($_) for map { @{ $step->{$_} // [] } } qw(undo release);
    } else {
        unshift @undos, $step if $step->{undo};
        unshift @releases, $step if $step->{release};
    }
}

my $plan = JSON::PP->new->utf8->decode(slurp($ARGV[0]));
block($plan->{$_}) for qw(target preconditions);
step($_) for @{ $plan->{steps} }, @{ $plan->{on_failure} // [] };
$at_end = 1;
step($_) for map({ @{ $_->{release} } } @releases), map({ @{ $_->{undo} } } @undos);

# ---- the checklist ----

my (@blocks, $fence, $indent);
for (split /^/m, slurp($ARGV[1])) {
    if (!$fence && /^( *)(`{3,})sh$/) { ($indent, $fence) = (length $1, $2); push @blocks, ''; next }
    if ($fence && /^ *$fence$/) { $fence = ''; next }
    if ($fence) { s/^ {0,$indent}//; $blocks[-1] .= $_ }
}
my @commands;
for my $block (@blocks) {
    open my $bash, '|-', 'bash -n' or die $!;
    print $bash $block;
    close $bash or print "not bash: $block";
    next if $block =~ /^runbook_folder=|^(?:\w+=\$|mapfile -t \w+ < <)\(printf %s .*\n  re=.* perl -0777 -ne /;
    (my $command = $block) =~ s/^(\w+=(?:''|\(\))   # .*\n)+//;
    push @commands, $command if $command ne '';
}
print "$ARGV[1]: ", scalar(@deeds), " deeds, ", scalar(@commands), " commands\n" if @deeds != @commands;

# ---- side by side ----

my (@plain, $script);
for my $i (0 .. $#deeds) {
    my ($deed, $command) = ($deeds[$i], $commands[$i] // '');
    my $input = $deed->{inputs};
    my $argv = $input->{argv};
    if ($deed->{action} ne 'exec') {
        print "no $deed->{action}: $command" if $command !~ /$word{$deed->{action}}/s;
    } elsif (ref $argv eq 'ARRAY' && !grep(ref, @$argv) && $command !~ /^\(cd|^\w+=\$\(|\$\{/
        && !grep { $input->{$_} } qw(stdin stdin_from stdout_to connection user)) {
        push @plain, $argv;
        $command =~ s/; \w+=\$\?$//;
        $script .= "set -- $command" . q{printf '%s\0' "$@"; printf '\1\0'} . "\n";
    } elsif (ref $argv eq 'ARRAY' && !ref $argv->[0]) {
        print "no $argv->[0]: $command" if index($command, $argv->[0]) < 0;
    }
}
open my $out, '>', 'words.sh' or die $!;
print $out $script // '';
close $out;
my @words = split /\x01\0/, `bash words.sh`;
for my $i (0 .. $#plain) {
    my @found = split /\0/, $words[$i] // '', -1;
    pop @found;
    my @last = @found >= @{ $plain[$i] } ? @found[-@{ $plain[$i] } .. -1] : @found;
    print "other words: @found\n" if join("\0", @last) ne join("\0", map { my $w = $_; utf8::encode($w); $w } @{ $plain[$i] });
}
print "nothing was compared\n" unless @plain;
