#!/usr/bin/perl
# Every action that the program's stories, README.md and grammar.md name is there: in the core, the standard
# library, or the text itself where it shows how one is written.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);

my $root = abs_path(dirname($0) . '/../..');
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    return <$file>;
}

my %known = map { /^(\S+)/ ? ($1 => 1) : () } split /\n/, `cd $root && $runbook actions`;
my %library = map { /^(\w+)\./ ? ($1 => 1) : () } keys %known;
my $grammar = slurp("$root/grammar.md");
my %text = ('README.md' => slurp("$root/README.md"), 'grammar.md' => $grammar);
for my $code ($grammar =~ /^\| (RB\d+) \|/mg) { $text{"explain $code"} = `$runbook explain $code` }

# `library.verb:` where a key stands, and any word of that form in backquotes whose first half is a library's.
sub named {
    my ($text) = @_;
    my @names = $text =~ /(?<![\w.\/{])([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*):(?=\s)/g;
    push @names, $text =~ /\{([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*):(?=\s)/g;
    push @names, grep { /^(\w+)\./ && $library{$1} } $text =~ /`([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)`/g;
    return @names;
}

my ($count, $total) = (0, 0);
for my $name (sort keys %text) {
    my $text = $text{$name};
    # A library that the text itself shows, such as README.md's example of a team's own.
    my %own = map { $_ => 1 } $text =~ /^\s*library: (\w+)/mg;
    my @names = named($text);
    my @missing = grep { !$known{$_} && !(/^(\w+)\./ && $own{$1}) } @names;
    $total += @names;
    print @missing ? 'not ' : '', 'ok ', ++$count, " - $name", @missing ? ": no action @missing" : '', "\n";
}
print $total > 15 && keys %known > 30 ? '' : 'not ', 'ok ', ++$count, " - names are found ($total)\n";
print "1..$count\n";
