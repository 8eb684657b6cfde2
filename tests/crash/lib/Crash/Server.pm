# A small HTTP server: what is POSTed to /NAME is written to the trace, a GET of /NAME tells whether
# it was. It takes one connection after the other, in order, so what it answers is never early.
package Crash::Server;
use strict;
use warnings;
use IO::Socket::INET;
use POSIX ();

sub new {
    my ($class, $trace) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64, ReuseAddr => 1)
      or die "can't listen: $!";
    my $pid = fork() // die "fork: $!";
    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(TERM INT);
        $SIG{PIPE} = 'IGNORE';
        serve($listener, $trace, getppid());
        POSIX::_exit(0);
    }
    return bless {pid => $pid, owner => $$, url => 'http://127.0.0.1:' . $listener->sockport}, $class;
}

sub serve {
    my ($listener, $trace, $parent) = @_;
    while (getppid() == $parent) {
        my $seen = '';
        vec($seen, fileno $listener, 1) = 1;
        next unless select($seen, undef, undef, 1);
        my $client = $listener->accept or next;
        answer($client, $trace);
        close $client;
    }
}

# A request that was cut off is no request.
sub answer {
    my ($client, $trace) = @_;
    my $request = '';
    while ($request !~ /\r\n\r\n/) {
        sysread($client, $request, 4096, length $request) or return;
    }
    my ($method, $name) = $request =~ m{^(GET|POST) /(\w+) } or return;
    open my $file, '+>>', $trace or return;
    if ($method eq 'POST') { syswrite $file, "$name\n" }
    seek $file, 0, 0;
    my $there = grep { $_ eq "$name\n" } <$file>;
    my $status = $there ? '200 OK' : '404 Not Found';
    syswrite $client, "HTTP/1.1 $status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

sub DESTROY {
    my ($self) = @_;
    return if $$ != $self->{owner};
    local ($?, $!);
    kill TERM => $self->{pid};
    waitpid $self->{pid}, 0;
}

1;
