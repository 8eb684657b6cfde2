#!/usr/bin/python3
"""The schema says of the shape of a file what `check` says: it refuses nothing that check accepts.

Every runbook, monitor and library here is asked of both, as it is and with random changes; how many
of check's refusals the schema has too is counted, and may not fall. SEED=N repeats a run, CHANGES=N
makes more of it."""
import collections
import copy
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import yaml
import jsonschema

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
runbook = os.environ.get("RUNBOOK", root + "/build/runbook")
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
changes = int(os.environ.get("CHANGES", 150))
count = failed = 0


def ok(name, good, why=""):
    global count, failed
    count += 1
    print("%s %d - %s" % ("ok" if good else "not ok", count, name))
    if not good:
        failed = 1
        print("# " + str(why).replace("\n", "\n# "))


# ---- reading ----

class AsWritten(yaml.CBaseLoader):
    """Every scalar is the text that was written, as here; what is not written is None."""


def as_written(loader, node):
    return None if node.style is None and node.value == "" else node.value


AsWritten.add_constructor("tag:yaml.org,2002:str", as_written)


class Core(yaml.CSafeLoader):
    """The core schema of YAML 1.2, as editors read it."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^([Tt]rue|TRUE|[Ff]alse|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def read(path, loader):
    """The file's tree; NotImplemented when it is no YAML at all."""
    try:
        with open(path, encoding="utf-8") as file:
            return yaml.load(file, loader)
    except (yaml.YAMLError, UnicodeError):
        return NotImplemented


# ---- asking both ----

def run(*words, cwd=None):
    done = subprocess.run([runbook, *words], capture_output=True, cwd=cwd, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


validators = {}


def refusal(folder, tree):
    """What the schema for runbooks in FOLDER has against TREE, or None."""
    if not os.path.isdir(folder + "/library"):
        folder = "/"
    if folder not in validators:
        schema = json.loads(run("schema", "--beside", folder)[1])
        jsonschema.Draft7Validator.check_schema(schema)
        validators[folder] = jsonschema.Draft7Validator(schema)
    if validators[folder].is_valid(tree):
        return None
    error = jsonschema.exceptions.best_match(validators[folder].iter_errors(tree))
    return "%s: %s" % (list(error.absolute_path), error.message[:300])


def check(path):
    """Does check accept it, and the codes of what it has against the file itself."""
    code, out, err = run("check", path)
    codes = re.findall(r"^(?:\S*/)?%s:\d+:\d+: error (RB\d+)" % re.escape(os.path.basename(path)),
                       out + err, re.M)
    return code == 0, set(codes)


# ---- the schema by itself ----

schema = json.loads(run("schema", "--beside", "/")[1])
says_nothing = []
for name, definition in schema["definitions"].items():
    if "." not in name:
        says_nothing += [name + "." + key for key, value in definition.get("properties", {}).items()
                         if set(value) <= {"description"}]
# What these are is said by the `type` beside them.
ok("it says of each key what it takes", sorted(says_nothing) == ["output.value", "param.default"],
   says_nothing)

# ---- the files as they are ----

files = sorted(glob.glob(root + "/**/*.yaml", recursive=True))
files = [path for path in files if "/build/" not in path]
libraries = [path for path in files if "/stdlib/" in path or "/library/" in path]
wrong, good_files, accepted, found, both = [], [], 0, collections.Counter(), collections.Counter()
for path in files:
    if path in libraries:
        continue
    good, codes = check(path)
    for loader in (AsWritten, Core):
        tree = read(path, loader)
        if tree is NotImplemented:
            continue
        why = refusal(os.path.dirname(path), tree)
        if good and why:
            wrong.append("%s (%s): %s" % (path, loader.__name__, why))
        if not good and loader is AsWritten:
            for code in codes:
                found[code] += 1
                both[code] += why is not None
    if good:
        accepted += 1
        if isinstance(read(path, AsWritten), dict):
            good_files.append(path)
ok("the schema accepts the %d runbooks and monitors that check accepts" % accepted,
   not wrong and accepted > 250, "\n".join(wrong))
ok("of check's refusals of cases it has RB101 %d of %d, RB102 %d of %d" %
   (both["RB101"], found["RB101"], both["RB102"], found["RB102"]),
   both["RB101"] >= 40 and both["RB102"] >= 22)

wrong, accepted = [], 0
for path in libraries:
    beside = os.path.dirname(os.path.dirname(path)) if "/library/" in path else "/"
    if run("actions", "--beside", beside)[0] != 0:
        continue
    # Of a team's traps it is a runbook's check that tells.
    if path.endswith("/library/traps.yaml") and not all(
            check(each)[0] for each in glob.glob(beside + "/*.yaml")):
        continue
    accepted += 1
    for loader in (AsWritten, Core):
        why = refusal(beside, read(path, loader))
        if why:
            wrong.append("%s (%s): %s" % (path, loader.__name__, why))
ok("and the %d libraries" % accepted, not wrong and accepted > 15, "\n".join(wrong))


# ---- the files, changed at random ----

VALUES = ["", "no", "7", "-1", "0", "1.5", "30s", "0s", "true", "${params.x}", "${1 == 1}", "$${x}",
          "a b", "20GiB", "http://localhost/x", "2024-01-15T14:30:00Z", "50%", "volume:a", "ok",
          "read", "RB106", "/x", "list<int>", None, [], {}, ["a"], [["a"]], [{}], {"a": "b"},
          {"min": "1"}, {"checks": []}, {"exec": ["true"]}, [{"exec": ["true"]}],
          {"x": {"exec": ["true"]}}, {"type": "int"}, {"x": {"type": "int", "default": "a"}}]
KEYS = ["expect", "timeout", "verify", "exec", "wait", "set", "when", "needs", "checks", "within",
        "on", "x", "X", "steps", "call", "file.stat", "git.fetch", "undo", "allow", "type", "about"]


def places(tree, at=()):
    """The paths of all that is in TREE."""
    if at:
        yield at
    if isinstance(tree, dict):
        for key in tree:
            yield from places(tree[key], at + (key,))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from places(item, at + (index,))


def inside(tree, path):
    for key in path:
        tree = tree[key]
    return tree


def changed(dice, tree, others):
    """TREE with one change."""
    tree = copy.deepcopy(tree)
    path = dice.choice(list(places(tree)))
    holder, key = inside(tree, path[:-1]), path[-1]
    way = dice.randrange(5)
    if way == 0:
        holder[key] = copy.deepcopy(dice.choice(VALUES))
    elif way == 1:
        other = dice.choice(others)
        holder[key] = copy.deepcopy(inside(other, dice.choice(list(places(other)))))
    elif way == 2:
        del holder[key]
    elif isinstance(holder, dict) and way == 3:
        word = key[:-1] + dice.choice(["", "x", "_1"]) if dice.randrange(2) else dice.choice(KEYS)
        holder[word] = holder.pop(key)
    elif isinstance(holder, dict):
        holder[dice.choice(KEYS)] = copy.deepcopy(dice.choice(VALUES))
    return tree


def written(tree):
    """TREE as YAML in one line: JSON, but for what is not written."""
    if isinstance(tree, dict):
        return "{" + ", ".join(json.dumps(k) + ": " + written(v) for k, v in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(written(item) for item in tree) + "]"
    return "" if tree is None else json.dumps(tree)


dice = random.Random(seed)
trees = {path: read(path, AsWritten) for path in good_files}
small = [path for path in good_files if os.path.getsize(path) < 20000]
wrong, tried, refused, seen, silent = [], 0, 0, collections.Counter(), []
for number in range(changes):
    path = dice.choice(small)
    tree = changed(dice, trees[path], list(trees.values()))
    with tempfile.TemporaryDirectory() as place:
        folder = place + "/folder"
        shutil.copytree(os.path.dirname(path), folder, symlinks=True)
        file = folder + "/changed.yaml"
        with open(file, "w", encoding="utf-8") as into:
            into.write(written(tree) + "\n")
        again = read(file, AsWritten)
        good, codes = check(file)
        why = None if again is NotImplemented else refusal(os.path.dirname(path), again)
    if again is NotImplemented or codes & {"RB002", "RB003", "RB004", "RB005"}:
        continue
    tried += 1
    if good and why:
        wrong.append("%s: %s\n%s" % (path, why, written(tree)))
    if codes & {"RB101", "RB102"}:
        refused += 1
        seen["schema"] += why is not None
        if why is None:
            silent.append("%s: %s" % (path, written(tree)))
print("# seed %d: %d changes, %d refused by check for their shape, %d of these by the schema" %
      (seed, tried, refused, seen["schema"]))
if "-v" in sys.argv:
    print("# " + "\n# ".join(silent))
ok("no random change is refused that check accepts", not wrong, "\n".join(wrong))
ok("it has more than half of check's refusals of them", seen["schema"] * 2 > refused)
print("1..%d" % count)
sys.exit(failed)
