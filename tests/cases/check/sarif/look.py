import json, re, sys

log = json.load(open(sys.argv[1]))
assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
[run] = log["runs"]
driver = run["tool"]["driver"]
assert driver["name"] == "runbook" and re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
assert run["columnKind"] == "unicodeCodePoints"
for rule in driver["rules"]:
    assert rule["shortDescription"]["text"] and rule["help"]["text"]
    assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])

def place(location):
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]
    region = physical.get("region")
    assert uri["uri"].startswith("file:///") or uri["uriBaseId"] == "%SRCROOT%"
    assert not re.search(r"[^A-Za-z0-9._~/%:-]", uri["uri"])
    if region is None:
        return uri["uri"]
    start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
    assert min(start) >= 1 and end >= start
    return "%s:%d:%d-%d:%d" % (uri["uri"], *start, *end)

prints = [result["partialFingerprints"]["finding/v1"] for result in run["results"]]
assert len(set(prints)) == len(prints)
for result in run["results"]:
    rule = driver["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] and rule["defaultConfiguration"]["level"] == result["level"]
    text = result["message"]["text"]
    assert not re.search(r"(?<!\{)\{(?!\{)", text.replace("{{", "")), text
    print(result["ruleId"], result["level"], *map(place, result["locations"]), text[:90])
    for related in result.get("relatedLocations", []):
        print("   ", place(related), related["message"]["text"])
    for suppression in result.get("suppressions", []):
        assert suppression["kind"] == "inSource"
        print("    allowed at", place(suppression["location"]), suppression["justification"])
