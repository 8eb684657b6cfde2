#!/usr/bin/perl
# The web server of the site: pages/ over HTTP, and /health, which is good only while what is
# deployed is what runs. It needs nothing but perl-base. Started by ./service, in the site's folder.
use strict;
use warnings;
use IO::Socket::INET;

my %needed = map { $_ => 1 } qw(port title pages);

sub read_text { my ($path) = @_; open my $file, '<', $path or return undef; local $/; return scalar <$file> }
sub read_line { my $text = read_text(@_) // return undef; $text =~ s/\s+\z//; return $text }

# KEY=VALUE a line; anything else, a key too many or too few, and it does not start.
sub read_settings {
    my %settings;
    my $text = read_text('site.conf') // die "site.conf: $!\n";
    my $number = 0;
    for my $line (split /\n/, $text) {
        $number++;
        next if $line =~ /^\s*(#|$)/;
        $line =~ /^([a-z]+)=(.+)$/ && $needed{$1} or die "site.conf:$number: not a setting: $line\n";
        $settings{$1} = $2;
    }
    defined $settings{$_} or die "site.conf: no $_\n" for sort keys %needed;
    $settings{port} =~ /^\d{2,5}$/ or die "site.conf: port is not a number: $settings{port}\n";
    return \%settings;
}

# What is wrong, in words; nothing when all is well.
sub problem {
    my ($settings, $release) = @_;
    my $deployed = read_line('RELEASE') // return 'no RELEASE';
    return "release $deployed is deployed, $release runs" if $deployed ne $release;
    my $page = read_text("$settings->{pages}/index.html") // return "no page in $settings->{pages}/";
    return "the front page is not of release $release" if index($page, "<!-- release $release -->") < 0;
    return '';
}

sub answer {
    my ($settings, $release, $path) = @_;
    if ($path eq '/health') {
        my $problem = problem($settings, $release);
        return (200, 'application/json', qq({"status":"ok","release":"$release"}\n)) if !$problem;
        $problem =~ s/["\\]/'/g;
        return (503, 'application/json', qq({"status":"error","release":"$release","reason":"$problem"}\n));
    }
    my $page = $path eq '/' ? read_text("$settings->{pages}/index.html") : undef;
    return (404, 'text/plain', "no such page\n") if !defined $page;
    $page =~ s/\{title\}/$settings->{title}/g;
    return (200, 'text/html', $page);
}

sub serve_one {
    my ($client, $settings, $release) = @_;
    local $SIG{ALRM} = sub { die "slow client\n" };
    alarm 5;
    my $request = <$client> // '';
    while (defined(my $line = <$client>)) { last if $line =~ /^\r?$/ }
    my ($path) = $request =~ m{^GET (/[^ ?]*)[^ ]* HTTP/1\.[01]\r?$};
    my ($status, $type, $body) = defined $path ? answer($settings, $release, $path) : (400, 'text/plain', "what?\n");
    print $client "HTTP/1.1 $status -\r\nContent-Type: $type\r\nContent-Length: " . length($body)
        . "\r\nConnection: close\r\n\r\n$body";
    alarm 0;
    print "$request" =~ s/\s+\z//r, " $status\n" if $status >= 400;
}

$| = 1;
$SIG{PIPE} = 'IGNORE';
my $settings = read_settings();
my $release = read_line('RELEASE') // die "no RELEASE\n";
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $settings->{port}, Listen => 64, ReuseAddr => 1)
    or die "port $settings->{port}: $!\n";
$SIG{TERM} = sub { print "release $release stops\n"; unlink 'run/service.pid'; exit 0 };
print "release $release listens on port $settings->{port}\n";
# Written last: who sees it may send requests.
open my $file, '>', 'run/service.pid.new' or die "run/service.pid: $!\n";
print $file "$$\n";
close $file or die "run/service.pid: $!\n";
rename 'run/service.pid.new', 'run/service.pid' or die "run/service.pid: $!\n";
while (1) {
    my $client = $server->accept or next;
    eval { serve_one($client, $settings, $release); 1 } or print $@;
    close $client;
}
