#!/usr/bin/python3
"""The workflows of `runbook ci`: their shell is taken out and run in a repository with a branch, against a
small server that stands where the forge's API would be and keeps what it was asked."""
import html.parser as html_parser
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import yaml

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


# ---- the forge ----

class Forge(http.server.ThreadingHTTPServer):
    """Keeps the comments of one request, and what it was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.comments = []
        self.asked = []
        self.refuses = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]

    def clear(self, *comments):
        self.comments, self.asked, self.refuses = list(comments), [], False


class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def give(self, status, what):
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        forge = self.server
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        given = json.loads(self.rfile.read(length)) if length else None
        token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN")
        forge.asked.append((self.command, path, given, token))
        if path == "/user":
            return self.give(401, {}) if forge.refuses == "all" else self.give(200, {"id": 7})
        if self.command == "GET":
            page = int(urllib.parse.parse_qs(query)["page"][0])
            return self.give(200, forge.comments[100 * page - 100:100 * page])
        if forge.refuses:
            return self.give(403, {"message": "Resource not accessible by integration"})
        if self.command == "POST":
            made = {"id": 1000 + len(forge.comments), "user": {"login": "github-actions[bot]"},
                    "author": {"id": 7}, "body": given["body"]}
            forge.comments.append(made)
            return self.give(201, made)
        for comment in forge.comments:
            if path.endswith("/%d" % comment["id"]):
                comment["body"] = given["body"]
                return self.give(200, comment)
        return self.give(404, {})

    do_GET = do_POST = do_PATCH = do_PUT = answer


def written(forge):
    """What it was asked that was not only to read."""
    return [(method, path) for method, path, _, _ in forge.asked if method != "GET"]


# ---- the repository ----

place = tempfile.mkdtemp(prefix="ci.")
os.makedirs(place + "/bin")
os.symlink(runbook, place + "/bin/runbook")
here = place + "/repository"
environment = {"PATH": place + "/bin:/usr/bin:/bin", "HOME": place, "LC_ALL": "C.UTF-8",
               "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
               "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "TMPDIR": place}


def git(*words):
    done = subprocess.run(["git", *words], cwd=here, env=environment, capture_output=True, timeout=60, check=True)
    return done.stdout.decode().strip()


def put(name, text):
    path = os.path.join(here, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def plain(name, timeout="20s", more=""):
    return ("runbook: %s\ndefaults: {timeout: %s}\nsteps:\n  restarted: {exec: [systemctl, restart, shop], "
            "idempotent: true}\n%s" % (name, timeout, more))


def branch(name, **files):
    """A branch NAME off main with FILES ("" takes one away), checked out as a merge would be."""
    git("checkout", "-q", "-B", name, "main")
    for path, text in files.items():
        if text:
            put(path, text)
        else:
            git("rm", "-q", path)
    git("add", "-A")
    git("commit", "-qm", name)


os.makedirs(here)
git("init", "-q", "-b", "main")
with open(here + "/.git/info/exclude", "w", encoding="utf-8") as file:
    file.write("runbook.sarif\ncodequality.json\n")
put("shop.yaml", plain("shop"))
put("other.yaml", plain("other"))
put("outer.yaml", "runbook: outer\nsteps:\n  inner: {call: shop.yaml}\n")
put("values.yaml", "replicas: 2\n")
put("ops/own.yaml", "runbook: own\nsteps:\n  a: {mine.own: {}}\n")
put("ops/library/mine.yaml", "library: mine\nabout: Mine.\nactions:\n  own:\n    about: My own.\n    effect: read\n"
    "    steps: {a: {exec: [\"true\"], effect: read}}\n")
git("add", "-A")
git("commit", "-qm", "first")
BASE = git("rev-parse", "main")


# ---- the shell of a workflow ----

def workflow(forge):
    text = subprocess.run([runbook, "ci", forge], capture_output=True, timeout=60, check=True).stdout.decode()
    return yaml.safe_load(text)


def heredoc(text):
    """What the job puts into a file for bash."""
    lines = text.splitlines()
    end = lines[0].split("'")[1]
    return "\n".join(lines[1:lines.index(end)]) + "\n"


github = workflow("github")
gitlab = workflow("gitlab")
shell = {
    "github": github["jobs"]["review"]["steps"][2]["run"],
    "gitlab": heredoc(gitlab["runbook"]["script"][0]),
    "install": github["jobs"]["review"]["steps"][1]["run"],
}
forge = Forge()
GIVEN = {
    "github": {"BASE": BASE, "PULL": "12", "GITHUB_TOKEN": "t0ken", "GITHUB_API_URL": forge.url,
               "GITHUB_REPOSITORY": "a/b", "COMMENT_LIMIT": "65536", "GITHUB_STEP_SUMMARY": place + "/summary"},
    "gitlab": {"BASE": BASE, "CI_API_V4_URL": forge.url, "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "12",
               "RUNBOOK_TOKEN": "t0ken", "COMMENT_LIMIT": "1000000"},
}


def review(name, **more):
    """Runs the shell of forge NAME as its runner does; its exit code, and what it said."""
    given = {key: value for key, value in {**environment, **GIVEN[name], **more}.items() if value is not None}
    file = place + "/" + name + ".sh"
    with open(file, "w", encoding="utf-8") as script:
        script.write(shell[name])
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", file] if name == "github" else ["bash", file]
    done = subprocess.run(words, cwd=here, env=given, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                          check=False)
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def elements(markdown):
    """The elements that a browser is given for MARKDOWN."""
    html = subprocess.run(["cmark", "--unsafe"], input=markdown.encode(), capture_output=True, timeout=60, check=True)
    found = set()
    parser = html_parser.HTMLParser()
    parser.handle_starttag = lambda name, _: found.add(name)
    parser.feed(html.stdout.decode())
    return found


def comment():
    return forge.comments[-1]["body"] if forge.comments else ""


def sarif():
    with open(here + "/runbook.sarif", encoding="utf-8") as file:
        return json.load(file)


def results():
    return [result for each in sarif()["runs"] for result in each["results"]]


UPDATES = {"github": ("PATCH", "/repos/a/b/issues/comments/%d"),
           "gitlab": ("PUT", "/projects/3/merge_requests/12/notes/%d")}
MAKES = {"github": ("POST", "/repos/a/b/issues/12/comments"), "gitlab": ("POST", "/projects/3/merge_requests/12/notes")}

try:
    for name in ("github", "gitlab"):
        shellcheck = subprocess.run(["shellcheck", "--shell=bash", "-"], input=("#!/bin/bash\n" + shell[name]).encode(),
                                    capture_output=True, timeout=60, check=False) if shutil.which("shellcheck") else None
        if shellcheck:
            ok(name + ": shellcheck has nothing against it", shellcheck.returncode == 0, shellcheck.stdout.decode())

        forge.clear()
        branch("change", **{"shop.yaml": plain("shop", "30s", "  told: {exec: [logger, back]}\n")})
        code, said = review(name)
        ok(name + ": a change is told in a comment", code == 0 and written(forge) == [MAKES[name]], (code, said, forge.asked))
        ok(name + ": by the token it was given", all(asked[3] in ("Bearer t0ken", "t0ken") for asked in forge.asked) and
           "t0ken" not in said, forge.asked)
        body = comment()
        ok(name + ": with the difference, and the plans of it and of what calls it",
           "told" in body and "Plan of <code>shop.yaml" in body and "Plan of <code>outer.yaml" in body and
           "other.yaml" not in body and "values" not in body, body)

        first = forge.comments[-1]["id"]
        branch("change", **{"shop.yaml": plain("shop", "31s")})
        forge.asked = []
        code, said = review(name)
        method, path = UPDATES[name]
        ok(name + ": which is updated, not made again", code == 0 and written(forge) == [(method, path % first)] and
           "31s" in comment() and "told" not in comment(), (code, said, written(forge), comment()))

        branch("change", **{"values.yaml": "replicas: 3\n"})
        forge.asked = []
        code, said = review(name)
        ok(name + ": and says that nothing is changed any more", code == 0 and written(forge) == [(method, path % first)]
           and "changes no runbook" in comment(), (code, said, comment()))
        forge.clear()
        code, said = review(name)
        ok(name + ": but nothing is made for that", code == 0 and written(forge) == [] and results() == [], (code, said))

        forge.clear({"id": 1, "user": {"login": "mallory"}, "author": {"id": 8}, "body": first and body},
                    *({"id": 2 + n, "user": {"login": "x"}, "author": {"id": 9}, "body": "hello"} for n in range(150)),
                    {"id": 500, "user": {"login": "github-actions[bot]"}, "author": {"id": 7}, "body": body})
        branch("change", **{"shop.yaml": plain("shop", "32s")})
        code, said = review(name)
        ok(name + ": nobody else's comment is taken for it", code == 0 and written(forge) == [(method, path % 500)],
           (code, said, written(forge)))

        forge.clear()
        branch("wrong", **{"shop.yaml": plain("shop", "5 minutes")})
        code, said = review(name)
        ok(name + ": an error fails it, and is told", code == 3 and "refuses" in comment() and "RB102" in comment(),
           (code, said, comment()))
        ok(name + ": and stands in the report", [(each["ruleId"], each["locations"][0]["physicalLocation"]
           ["artifactLocation"]["uri"]) for each in results()][:1] == [("RB102", "shop.yaml")], sarif())
        if name == "github":
            ok("github: and beside the line", "::error file=shop.yaml,line=2," in said, said)
        else:
            with open(here + "/codequality.json", encoding="utf-8") as file:
                quality = json.load(file)
            ok("gitlab: and as its code quality", quality and quality[0]["check_name"] == "RB102" and quality[0]["severity"]
               == "major" and quality[0]["location"] == {"path": "shop.yaml", "lines": {"begin": 2}}, quality)

        forge.clear()
        forge.refuses = True
        branch("change", **{"shop.yaml": plain("shop", "33s")})
        code, said = review(name)
        ok(name + ": a fork's branch, which may not write, does not fail", code == 0 and "may not" in said, (code, said))

        forge.clear()
        branch("library", **{"ops/library/mine.yaml": "library: mine\nabout: Mine.\nactions:\n  own:\n    about: Mine.\n"
                             "    effect: change\n    steps: {a: {exec: [touch, x]}}\n"})
        code, said = review(name)
        ok(name + ": what lies beside a changed library is reviewed", code == 0 and "Plan of <code>ops/own.yaml" in comment()
           and "shop.yaml" not in comment(), (code, said, comment()))

        forge.clear()
        git("checkout", "-q", "-B", "hostile", "main")
        for each in ("$(touch pwned).yaml", "-x; touch pwned.yaml", "`touch pwned`.yaml", "a\nb.yaml", "<img src=x>.yaml",
                     "sp ace/it's \"q\".yaml", "::error::x.yaml"):
            put(each, plain("hostile", "21s", "  b:\n    exec: ['$(touch pwned)', '`touch pwned`']\n"
                                       "    title: '<script>alert(1)</script> ::error::x'\n"))
        os.symlink("/etc/passwd", here + "/link.yaml")
        if os.path.exists(here + "/runbook.sarif"):
            os.unlink(here + "/runbook.sarif")
        os.symlink(place + "/stolen", here + "/runbook.sarif")
        git("add", "-A", "-f")
        git("commit", "-qm", "hostile")
        code, said = review(name)
        body = comment()
        ok(name + ": names and texts of a branch are no code", code == 0 and not os.path.exists(here + "/pwned") and
           not os.path.exists(place + "/stolen") and "root:" not in body, (code, said))
        found = elements(body)
        ok(name + ": nor HTML, nor commands of the runner", found >= {"details", "summary"}
           and not found & {"img", "script"} and not [line for line in said.splitlines() if line.startswith("::error::x")],
           (found, said, body))
        git("checkout", "-qf", "main")

        forge.clear()
        branch("large", **{"big%02d.yaml" % n: "runbook: big%d\nsteps:\n" % n + "".join(
            "  s%d: {exec: [echo, %s], idempotent: true}\n" % (i, "é" * 200) for i in range(60)) for n in range(12)})
        code, said = review(name, COMMENT_LIMIT="65536")
        ok(name + ": a comment is no longer than it may be, and says what is left out", code == 0 and
           30000 < len(comment()) <= 65536 and "has no room for" in comment(), (code, len(comment())))
        ok(name + ": each plan has its share of it", comment().count("<summary>Plan of <code>") == 12)
        ok(name + ": what was begun in it is ended", comment().count("<details>") == comment().count("</details>") and
           comment().count("```") % 2 == 0, comment()[-500:])

    forge.clear()
    branch("change", **{"shop.yaml": plain("shop", "34s")})
    code, said = review("gitlab", RUNBOOK_TOKEN=None)
    ok("gitlab: without a token the log has the comment", code == 0 and forge.asked == [] and "34s" in said, (code, said))
    forge.refuses = "all"
    code, said = review("gitlab")
    ok("gitlab: with a token that is none nothing is made", code == 0 and written(forge) == [] and "not taken" in said,
       (code, said, forge.asked))
    if os.path.exists(place + "/summary"):
        with open(place + "/summary", encoding="utf-8") as file:
            ok("github: the summary has it too", "Plan of" in file.read())
    steps = github["jobs"]["review"]["steps"]
    ok("github: what the event says reaches the shell by its environment alone", not any("${{" in step.get("run", "")
       for step in steps))
    ok("github: rights are given by name", github["permissions"] == {} and github["jobs"]["review"]["permissions"] ==
       {"contents": "read", "pull-requests": "write", "security-events": "write"})
    done = subprocess.run(["bash", "-c", shell["install"]], env={**environment, "RUNBOOK_TARBALL": "", "RUNBOOK_SHA256": ""},
                          capture_output=True, timeout=60, check=False)
    ok("no release is made up: it says what to fill in", done.returncode == 1 and b"RUNBOOK_TARBALL" in done.stderr, done)
finally:
    shutil.rmtree(place)
print("1..%d" % count)
sys.exit(failed)
