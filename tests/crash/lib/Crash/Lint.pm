# R12: a durability lint of what strace saw. What must hold in every scenario:
#
#   - when the shim of a change is executed, a request is sent that changes something, or a file is
#     made, moved or removed by the interpreter itself, all that was written in the state folder is
#     synced, and so is the folder of all that was made there;
#   - when an action is executed under a shim, START was written and is synced, and so is the folder
#     of its file;
#   - when a program ends, nothing that it wrote there is unsynced.
package Crash::Lint;
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use Crash::Scenario qw(scenarios place fresh run_it command_of resume_of slurp work_folder);

our @EXPORT_OK = qw(lint_all);

my $calls = join ',', qw(openat mkdir mkdirat rename renameat renameat2 unlink unlinkat
  write pwrite64 writev sendto
  fsync fdatasync execve exit_group clone3 clone);

# A call that was interrupted in the log by others': it begins where it began, and a sync holds
# from where it ended.
sub whole_calls {
    my ($text) = @_;
    my (%open, @calls);
    for (split /\n/, $text) {
        my ($pid, $rest) = /^(\d+) +(.*)/ or next;
        if ($rest =~ /^(\w+)\((.*) <unfinished \.\.\.>$/) {
            $open{$pid} = "$1($2";
            push @calls, [$pid, 'begin', $1, $2];
        } elsif ($rest =~ /^<\.\.\. (\w+) resumed>(.*)/) {
            my $head = delete $open{$pid} // next;
            push @calls, [$pid, 'end', split(/\(/, "$head$2", 2)];
        } elsif ($rest =~ /^(\w+)\((.*)/) {
            push @calls, [$pid, 'begin', $1, $2], [$pid, 'end', $1, $2];
        }
    }
    return @calls;
}

sub of_state { return $_[0] =~ m{/state(/|$)} }

# What need not outlive a power loss.
sub passing { return $_[0] =~ m{/(control|logs/[^/]*)$} }

sub named {
    my ($arguments) = @_;
    my ($folder, $name) = $arguments =~ /^(?:AT_FDCWD<([^>]*)>|\d+<([^>]*)>), "([^"]*)"/
      ? ($1 // $2, $3) : return;
    return $name =~ m{^/} ? $name : "$folder/$name";
}

sub note_made {
    my ($now, $call, $arguments) = @_;
    return if $arguments =~ / = -1 /;
    my $path;
    if ($call eq 'openat' && $arguments =~ /O_CREAT/) { $path = named($arguments) }
    elsif ($call eq 'mkdirat') { $path = named($arguments) }
    elsif ($call =~ /^renameat/) {
        $path = "$1/$2"
          if $arguments =~ /^.*?, "[^"]*", (?:AT_FDCWD|\d+)<([^>]*)>, "([^"]*)"/;
    }
    return unless defined $path && of_state($path) && !passing($path);
    return if $call eq 'openat' && $now->{known}{$path}++;
    $now->{made}{dirname($path)}{$path} = 1;
}

sub note_write {
    my ($now, $pid, $arguments) = @_;
    my ($path) = $arguments =~ /^\d+<([^>]*)>/ or return;
    return if !of_state($path) || passing($path);
    $now->{dirty}{$path} = $pid;
    $now->{written}{$path} = 1;
}

sub note_sync {
    my ($now, $arguments) = @_;
    my ($path) = $arguments =~ /^\d+<([^>]*)>/ or return;
    return unless $arguments =~ /= 0$/;
    delete $now->{dirty}{$path};
    delete $now->{made}{$path};
}

sub unsynced {
    my ($now, $why, %but) = @_;
    my @found;
    for my $path (sort keys %{$now->{dirty}}) {
        push @found, "$why: $path is not synced" if $path =~ /$but{dirty}/;
    }
    for my $folder (sort keys %{$now->{made}}) {
        next unless $folder =~ /$but{made}/;
        push @found, "$why: the folder of $_ is not synced" for sort keys %{$now->{made}{$folder}};
    }
    return @found;
}

sub at_exec {
    my ($now, $pid, $arguments) = @_;
    my ($program) = $arguments =~ /^"([^"]*)"/ or return;
    if ($program =~ m{/runbook-shim$}) {
        $now->{shim}{$pid} = 1;
        $now->{shims}++;
        # The shim itself syncs the folder of its file, before START.
        return unsynced($now, 'a shim begins', dirty => qr/^(?!.*\/attempts\/\d+$)/,
            made => qr/^(?!.*\/attempts$)/);
    }
    return if $program =~ m{/runbook$};
    return action_begins($now, $arguments);
}

# What has a file under attempts/ runs under a shim. Only its first program counts: those that this
# starts may well still run while OUTCOME is written.
sub action_begins {
    my ($now, $arguments) = @_;
    my ($number) = $arguments =~ /"RUNBOOK_ATTEMPT=(\d+)"/ or return;
    my ($file) = grep { m{/attempts/$number$} } keys %{$now->{known}} or return;
    return if $now->{begun}{$number}++;
    my @found;
    push @found, "an action begins: START is not in $file" unless $now->{written}{$file};
    push @found, "an action begins: $file is not synced" if exists $now->{dirty}{$file};
    push @found, "an action begins: the folder of $file is not synced"
      if $now->{made}{dirname($file)}{$file};
    return @found;
}

# The interpreter's own threads change something that is not of its record.
sub changes_file {
    my ($now, $call, $arguments) = @_;
    return if $call eq 'openat' && $arguments !~ /O_CREAT/;
    my $path = named($arguments) // return;
    return if of_state($path) || $path !~ m{^\Q$now->{folder}\E/};
    $now->{changes}++;
    return unsynced($now, 'a file is changed', dirty => qr/^(?!.*\/attempts\/\d+$)/, made => qr/^/);
}

sub lint_log {
    my ($text, $folder) = @_;
    my %now = (dirty => {}, made => {}, known => {}, shim => {}, begun => {}, threads => {},
        folder => $folder, shims => 0, requests => 0, changes => 0);
    my @found;
    for my $one (whole_calls($text)) {
        my ($pid, $when, $call, $arguments) = @$one;
        if ($when eq 'begin') {
            note_write(\%now, $pid, $arguments) if $call =~ /write/;
            push @found, at_exec(\%now, $pid, $arguments) if $call eq 'execve';
            push @found, changes_file(\%now, $call, $arguments)
              if $call =~ /^(openat|mkdirat|rename|unlink)/ && $now{threads}{$pid};
            if ($call =~ /^(sendto|write)$/ && $arguments =~ /^\d+<[^>]*>, "POST /) {
                $now{requests}++;
                push @found, unsynced(\%now, 'a request is sent',
                    dirty => qr/^(?!.*\/attempts\/\d+$)/, made => qr/^/);
            }
            push @found, unsynced(\%now, 'the end', dirty => qr/^/, made => qr/^/)
              if $call eq 'exit_group' && $pid == ($now{first} // $pid);
            push @found, map { "a shim ends: $_ is not synced" }
              grep { $now{dirty}{$_} == $pid } keys %{$now{dirty}}
              if $call eq 'exit_group' && $now{shim}{$pid};
        } else {
            note_made(\%now, $call, $arguments) if $call =~ /^(openat|mkdirat|rename)/;
            note_sync(\%now, $arguments) if $call =~ /sync$/;
            $now{threads}{$1} = 1 if $arguments =~ /CLONE_THREAD.* = (\d+)$/ && $now{threads}{$pid};
        }
        $now{first} //= $pid;
        $now{threads}{$now{first}} = 1;
    }
    my %told;
    return \%now, grep { !$told{$_}++ } @found;
}

# A lint that saw nothing would find nothing.
sub unseen {
    my ($scenario, $now) = @_;
    my @found;
    push @found, 'no shim was seen' unless $now->{shims} || $scenario->{threads};
    push @found, 'not every shim had an action' if keys %{$now->{begun}} < $now->{shims};
    push @found, 'no request was seen' if $scenario->{server} && !$now->{requests};
    push @found, 'no change of a file was seen' if ($scenario->{files} || $scenario->{threads}) && !$now->{changes};
    return @found;
}

sub lint_run {
    my ($place, @command) = @_;
    my $log = "$place->{folder}/strace.log";
    unlink $log;
    run_it($place->{folder}, ['strace', '-f', '-y', '-v', '-qq', '-s', '64', '-e', 'signal=none', '-e',
            "trace=$calls", '-o', $log, @command]);
    my ($now, @found) = lint_log(slurp($log), $place->{folder});
    return (@found, unseen($place->{scenario}, $now));
}

sub lint_all {
    my (%how) = @_;
    my $under = work_folder();
    my (@bad, $count);
    for my $scenario (scenarios(@{$how{names} // []})) {
        my $place = place($scenario, "$under/$scenario->{name}");
        $count++;
        if ($scenario->{after}) { run_it($place->{folder}, [command_of($place, $how{using})]) }
        my @command = $scenario->{after} ? resume_of($place, $how{using})
          : command_of($place, $how{using});
        push @bad, map { s/\Q$place->{folder}\E/DIR/gr } map { "$scenario->{name}: $_" }
          lint_run($place, @command);
    }
    return {points => $count, bad => \@bad};
}

1;
