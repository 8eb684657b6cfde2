#!/usr/bin/perl
# What a draft promises, held against documents: every command of the procedure is in it, in order; its
# traps are named; and whatever the document, the draft can be read. What is made at random prints its
# seed: IMPORT_SEED makes the same again, IMPORT_ROUNDS more of it.
use strict;
use warnings;
no warnings 'qw';
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);

binmode STDOUT, ':utf8';
my $root = abs_path(dirname($0) . '/../..');
my $runbook = $ENV{RUNBOOK} // "$root/build/runbook";
my $folder = tempdir('runbook-import-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $seed = $ENV{IMPORT_SEED} // time ^ $$;
my $rounds = $ENV{IMPORT_ROUNDS} // 300;
my $count = 0;

sub ok {
    my ($good, $name) = @_;
    $count++;
    print $good ? "ok $count - $name\n" : "not ok $count - $name\n";
    return $good;
}

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar(<$file>) // '';
}

sub spew {
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print $file $text;
    close $file or die "$path: $!";
}

# The exit code; a signal or a time-out is told apart.
sub import_document {
    my ($document, $draft) = @_;
    my $status = system("timeout 20 $runbook import '$document' --output '$draft' 2>$folder/err");
    return $status >> 8;
}

# ---- the procedure ----

# By a way of its own: the lines of each block of bash that are no comments.
sub commands_of {
    my ($text) = @_;
    my @commands;
    while ($text =~ /^```bash\n(.*?)^```/msg) {
        push @commands, grep { /\S/ && !/^\s*#/ } split /\n/, $1;
    }
    return map { s/^\s+|\s+$//gr } @commands;
}

# Those that are not in the draft behind the one before them.
sub missing {
    my ($draft, @commands) = @_;
    my @lines = map { s/\$\$\{/\${/gr } split /\n/, $draft;
    my $at = 0;
    my @missing;
    for my $command (@commands) {
        my $next = $at;
        $next++ while $next < @lines && index($lines[$next], $command) < 0;
        if ($next < @lines) { $at = $next }
        else                { push @missing, $command }
    }
    return @missing;
}

my @faults = (
    ['work that is not committed is lost',        qr/trap RB503 \(git_reset_hard/],
    ['the log that never ends',                   qr/trap RB501 \(logs_follow/],
    ['only the schema comes back',                qr/trap \(only_the_schema_comes_back/],
    ['a sleep stands for a database',             qr/trap RB504 \(sleep/],
    ['archives that nobody looked at',            qr/trap \(archive_not_looked_at/],
    ['a push of a branch that did not move',      qr/trap \(pushes_another_branch/],
    ['a container that nobody can take down',     qr/trap \(container_stays/],
    ['psql goes on after an error',               qr/trap RB502 \(psql_goes_on/],
    ['a pattern that hits anything',              qr/trap RB503 \(kill_by_pattern/],
    ['the blank to be filled in is a param',      qr/^  container_id:$/m],
    ['the commented-out command is left as TODO', qr/TODO: line \d+, commented out in the document: npm run db:migration:down --steps=3/],
);

for my $language (qw(en ja)) {
    my $document = "$root/tests/cases/import/procedure_$language/input.md";
    my $draft = "$folder/procedure_$language.yaml";
    ok(import_document($document, $draft) == 0, "$language: a draft is made");
    my $text = slurp($draft);
    my @commands = commands_of(slurp($document));
    my @missing = missing($text, @commands);
    ok(@commands > 90 && !@missing, "$language: its " . @commands . ' lines are in the draft, in order')
      or print map { "# missing: $_\n" } @missing;
    ok($text =~ $_->[1], "$language: $_->[0]") for @faults;
    my $check = `$runbook check '$draft' 2>&1`;
    ok($check =~ /error RB201: .*volume:conea_postgres_data/, "$language: check tells of the volume that goes unsaved");
}
ok(missing("a\nb\n", 'b', 'a') == 1, 'the order counts: one that stands too early is missing');

# ---- whatever the document ----

srand($seed);
print "# seed $seed\n";

sub any { return $_[int rand @_] }

my @words = (
    qw(docker docker-compose git curl psql rm cp mv cat echo sleep tar sudo ls find ps export cd set if then fi
      for do done while case esac { } [ ] ( ) && || | ; & > >> < << <<EOF EOF 2>&1 > $X ${X} ${X:-1} $(date) $(pwd)
      $((1+1)) "a b" 'c d' -f -d --hard -c exec run up down reset push volume <id> [container-id] YOUR_TOKEN x=1
      Y=$(ls) TOKEN=abc "${Y}" * ? ~ # #x \\ ` " ' $ $$ %s : - -- = , ! @ 日本語 ü http://localhost/ /etc/x ./run.sh
      SELECT -U -v a:/b:ro |grep [[ ]] function f() N=1 y=2 on: true null !ruby &a *a {{x}} ${params.x} $${y}),
);

sub random_block {
    my @lines = map { join any(' ', ' ', "\t"), map { any(@words) } 1 .. 1 + rand 7 } 1 .. 1 + rand 8;
    my $info = any('bash', 'bash', 'bash', 'sh', 'console', '', 'yaml');
    s/^/\$ / for $info eq 'console' || rand() < 0.1 ? @lines : ();
    return "```$info\n" . join("\n", @lines) . "\n```\n";
}

sub random_document {
    my $text = '';
    for (1 .. 1 + rand 6) {
        my $kind = int rand 5;
        $text .= '#' x (1 + rand 6) . ' ' . join(' ', map { any(@words, 'Level 1', 'レベル2', 'Check', '1.') } 1 .. 1 + rand 4) . "\n\n"
          if $kind == 0;
        $text .= join(' ', map { any(@words) } 1 .. 1 + rand 9) . "\n\n" if $kind == 1;
        $text .= random_block() if $kind > 1;
    }
    return $text;
}

# A procedure with some of it cut out, doubled or spoilt.
sub spoilt_document {
    my $text = slurp("$root/tests/cases/import/procedure_" . any(qw(en ja)) . '/input.md');
    for (1 .. 1 + rand 12) {
        my $at = int rand length $text;
        my $length = int rand 40;
        my $piece = substr $text, $at, $length;
        substr($text, $at, $length) = any('', "$piece$piece", any(@words), chr(int rand 256), "\n", '```', "\0", "\xff");
    }
    return $text;
}

sub random_bytes { return join '', map { chr int rand 256 } 1 .. rand 3000 }

my (@drafts, @crashed);
for my $round (1 .. $rounds) {
    my $kind = $round % 3;
    my $text = $kind == 0 ? random_bytes() : $kind == 1 ? spoilt_document() : random_document();
    my ($document, $draft) = ("$folder/$round.md", "$folder/$round.yaml");
    spew($document, $text);
    my $code = import_document($document, $draft);
    push @drafts, $draft if $code == 0;
    push @crashed, "round $round: exit code $code: " . slurp("$folder/err") if $code != 0 && $code != 3;
}
ok(!@crashed, "$rounds documents: a draft, or that there is no command in it") or print map { "# $_\n" } @crashed;

# What was written by people for people.
my @written = map { glob "/usr/share/doc/*/$_" } qw(*.md README.markdown);
for my $document (@written > 60 ? @written[0 .. 59] : @written) {
    my $draft = "$folder/written" . scalar(@drafts) . '.yaml';
    my $code = import_document($document, $draft);
    push @drafts, $draft if $code == 0;
    ok($code == 0 || $code == 3, "$document: exit code $code") if $code != 0 && $code != 3;
}

my @bad;
while (my @some = splice @drafts, 0, 50) {
    my $findings = `timeout 120 $runbook check --format json @{[map { "'$_'" } @some]} 2>$folder/err`;
    my $list = eval { decode_json($findings)->{findings} };
    push @bad, "check of $some[0] and others gives no list: $@" . slurp("$folder/err") unless $list;
    push @bad, map { "$_->{file}:" . ($_->{line} // 0) . " $_->{code}: $_->{message}" }
      grep { $_->{severity} eq 'error' && $_->{code} =~ /^RB(?:0\d\d|10[123])$/ } @{ $list // [] };
}
ok(!@bad, 'every draft can be read, its names and types are right, its values come from steps before')
  or print map { "# $_\n" } @bad[0 .. ($#bad < 20 ? $#bad : 20)];
print "1..$count\n";

