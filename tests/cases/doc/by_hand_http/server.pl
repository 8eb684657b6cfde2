# Writes down what it is asked, and answers 200.
use strict;
use warnings;
use IO::Socket::INET;

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5, ReuseAddr => 1) or die $!;
open my $port, '>', 'port.new' or die $!;
print $port $server->sockport;
close $port;
rename 'port.new', 'port' or die $!;
alarm 50;
while (my $client = $server->accept) {
    my ($first, %header) = (scalar <$client>);
    while (my $line = <$client>) {
        $line =~ s/\r\n//;
        last if $line eq '';
        my ($name, $value) = split /: */, $line, 2;
        $header{ lc $name } = $value;
    }
    my $body = '';
    read $client, $body, $header{'content-length'} if $header{'content-length'};
    $first =~ s/ HTTP.*\r\n//;
    open my $log, '>>', 'requests' or die $!;
    print $log "$first | ", join(', ', map { $header{$_} // '-' } qw(host content-type authorization x-name)), " | $body\n";
    close $log;
    print $client "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    close $client;
}
