#!/usr/bin/python3
"""Each shell completes runbook's command line as a person sees it: its script is read by the shell
itself on a terminal of its own, a line is typed, and the completion key is pressed."""
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
runbook = os.environ.get("RUNBOOK", root + "/build/runbook")
count = failed = 0


def ok(name, good, why=""):
    global count, failed
    count += 1
    print("%s %d - %s" % ("ok" if good else "not ok", count, name), flush=True)
    if not good:
        failed = 1
        print("# " + str(why).replace("\n", "\n# "))


place = tempfile.mkdtemp(prefix="completion.")
environment = {"PATH": place + "/bin:/usr/bin:/bin", "HOME": place, "TERM": "dumb", "LC_ALL": "C.UTF-8",
               "RUNBOOK_STATE": place + "/state", "INPUTRC": "/dev/null", "PS1": "RB> "}
os.makedirs(place + "/bin")
os.makedirs(place + "/folder/library")
os.symlink(runbook, place + "/bin/runbook")
with open(place + "/folder/shop.yaml", "w", encoding="utf-8") as file:
    file.write("runbook: shop\nparams:\n  version: {type: string, default: a, about: \"what's run\"}\n"
               "steps:\n  stopped: {exec: [\"true\"], idempotent: true, title: 'All: stopped'}\n"
               "  started: {exec: [\"true\"], idempotent: true}\non_failure:\n"
               "  told: {exec: [\"true\"], idempotent: true}\n")
with open(place + "/folder/library/mine.yaml", "w", encoding="utf-8") as file:
    file.write("library: mine\nabout: Mine.\nactions:\n  own:\n    about: My own.\n    effect: read\n"
               "    steps: {a: {exec: [\"true\"], effect: read}}\n")
subprocess.run([runbook, "run", "shop.yaml"], cwd=place + "/folder", env=environment,
               capture_output=True, check=True, timeout=60)
run = os.listdir(place + "/state/runs")[0]

# What is typed, what is offered among others, what is not.
LINES = [
    ("runbook ", ["check", "resume", "completion"], ["--from"]),
    ("runbook re", ["resume", "reject", "release"], ["check"]),
    ("runbook run --", ["--dry-run", "--param", "--from", "--help"], ["--simulate"]),
    ("runbook plan --form", ["--format"], ["--from"]),
    ("runbook plan --format ", ["json", "mermaid"], ["shop.yaml"]),
    ("runbook plan --format=m", ["markdown", "mermaid"], ["json"]),
    ("runbook check s", ["shop.yaml"], []),
    ("runbook check shop.yaml s", ["shop.yaml"], []),
    ("runbook run shop.yaml --from ", ["stopped", "started", "told"], ["shop.yaml"]),
    ("runbook run shop.yaml --skip st", ["stopped=", "started="], ["told"]),
    ("runbook run shop.yaml --skip=st", ["stopped=", "started="], ["told"]),
    ("runbook run shop.yaml --param ", ["version="], ["stopped"]),
    ("runbook run --strict --format json shop.yaml --only st", ["stopped", "started"], ["json"]),
    ("runbook show ", [run], ["shop.yaml"]),
    ("runbook resume --state state2 ", [], [run]),
    ("runbook approve " + run + " st", ["stopped", "started"], ["told"]),
    ("runbook explain RB20", ["RB201", "RB202"], ["RB101"]),
    ("runbook actions compose.s", ["compose.stop", "compose.states"], ["git.fetch"]),
    ("runbook actions mine", ["mine.own"], ["git.fetch"]),
    ("runbook completion ", ["bash", "zsh", "fish"], ["shop.yaml"]),
    ("runbook list x ", [], ["shop.yaml", "check"]),
]


class Terminal:
    """A shell on a terminal, wide and high enough for everything."""

    def __init__(self, words, first):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(place + "/folder")
            os.execvpe(words[0], words, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 2000, 250, 0, 0))
        self.number = 0
        self.typed(first + "\n")

    def until(self, mark):
        """What it says until MARK comes, and it waits for keys; all it said when it does not."""
        said, limit = b"", time.monotonic() + 20
        while not mark.search(said) and time.monotonic() < limit:
            if not select.select([self.fd], [], [], 1)[0]:
                continue
            try:
                piece = os.read(self.fd, 65536)
            except OSError:
                break
            said += piece
        return said.decode("utf-8", "replace")

    def typed(self, keys):
        """Types KEYS, and what they bring; the line is emptied behind them."""
        self.number += 1
        os.write(self.fd, keys.encode() + b"\x15 echo END$((" + str(self.number).encode() + b"+0))-\n")
        return self.until(re.compile(rb"END%d-\r?\n[\s\S]*RB> " % self.number))

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


# What the key makes of a line that can go on in one way alone.
UNIQUE = [
    ("runbook expl", "runbook explain "),
    ("runbook run sh", "runbook run shop.yaml "),
    ("runbook run shop.yaml --skip sto", "runbook run shop.yaml --skip stopped="),
    ("runbook run shop.yaml --skip=sto", "runbook run shop.yaml --skip=stopped="),
    ("runbook plan --format=j", "runbook plan --format=json "),
]


def unique(terminal):
    for line, whole in UNIQUE:
        said = terminal.typed(line + "\t#")
        yield line + " TAB", said if whole + "#" not in re.sub("[ \\b]+#", " #", said) else "WHOLE"
    terminal.close()


def bash():
    first = ("bind 'set completion-query-items 0'; bind 'set page-completions off'; "
             "bind 'set show-all-if-ambiguous on'; bind 'set colored-stats off'; "
             "bind 'set enable-bracketed-paste off'; bind '\"\\C-t\": possible-completions'; "
             "source <(runbook completion bash)")
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], first)
    yield from ((line, terminal.typed(line + "\x14")) for line, _, _ in LINES)
    yield from unique(terminal)


def zsh():
    os.makedirs(place + "/functions")
    with open(place + "/functions/_runbook", "w", encoding="utf-8") as script:
        subprocess.run([runbook, "completion", "zsh"], stdout=script, check=True, timeout=60)
    first = ("unsetopt zle_bracketed_paste prompt_sp; unset zle_bracketed_paste; LISTMAX=10000; "
             "fpath=(%s/functions $fpath); autoload -U compinit; compinit -u -D; "
             "bindkey '^T' list-choices; bindkey '^U' kill-whole-line" % place)
    terminal = Terminal(["zsh", "-f", "-i"], first)
    yield from ((line, terminal.typed(line + "\x14")) for line, _, _ in LINES)
    yield from unique(terminal)


def fish():
    """`complete -C` is what the key asks."""
    ask = "runbook completion fish | source; cd %s/folder; complete -C \"$argv\"" % place
    for line in [line for line, _, _ in LINES] + ["runbook expl"]:
        done = subprocess.run(["fish", "--no-config", "-c", ask, line], env=environment,
                              capture_output=True, timeout=60, check=False)
        words = [each.split("\t")[0] for each in done.stdout.decode().splitlines()]
        yield line, done.stderr.decode() + "\n".join(
            re.sub("^--[a-z-]+=", "", word) if "=" in line else word for word in words)


def offered(said, line, word):
    """Does WORD stand by itself in what was SAID, beside the line that was typed?"""
    said = re.sub("(RB> )*" + re.escape(line), " ", said)
    return word in re.split(r"[\s)]+", said) or word.rstrip("=") + " --" in re.sub(" +", " ", said)


try:
    for shell in (bash, zsh, fish):
        if shutil.which(shell.__name__) is None:
            ok("%s is there" % shell.__name__, False, "tools/setup test installs it")
            continue
        wants = LINES + ([("runbook expl", ["explain"], ["check"])] if shell is fish else
                         [(line + " TAB", ["WHOLE"], []) for line, _ in UNIQUE])
        for (line, offers, hides), (_, said) in zip(wants, shell()):
            missing = [word for word in offers if not offered(said, line, word)]
            extra = [word for word in hides if offered(said, line, word)]
            ok("%s: %s" % (shell.__name__, line.replace(run, "RUN").strip()), not missing and not extra,
               "missing %s, not wanted %s, in:\n%s" % (missing, extra, said))
    script = subprocess.run([runbook, "completion", "bash"], capture_output=True, timeout=60, check=True).stdout
    if shutil.which("shellcheck"):
        said = subprocess.run(["shellcheck", "-"], input=script, capture_output=True, timeout=60, check=False)
        ok("shellcheck has nothing against bash's", said.returncode == 0, said.stdout.decode())
finally:
    shutil.rmtree(place)
print("1..%d" % count)
sys.exit(failed)
