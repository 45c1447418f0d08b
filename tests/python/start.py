"""Starts the programs of a folder in this order, each under the recorder, and prints what became of them as JSON.

start.py FOLDER SECONDS NAME...; a NAME that begins with `~` never ends by itself: it is ended when the others are over.
"""

import json
import pathlib
import subprocess
import sys
import time

folder = pathlib.Path(sys.argv[1])
end = time.monotonic() + float(sys.argv[2])
recorder = pathlib.Path(__file__).with_name("recorder.py")
running = {}
for name in sys.argv[3:]:
    endless, name = name.startswith("~"), name.lstrip("~")
    command = [sys.executable, str(recorder), str(folder / name), str(folder / (name + ".json"))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    running[name] = (process, endless)

# Those that never end in the scenario have a while to end here, when all others are over.
GRACE = 10
found = {}
for name, (process, endless) in sorted(running.items(), key=lambda item: item[1][1]):
    if endless:
        end = min(end, time.monotonic() + GRACE)
    try:
        said, _ = process.communicate(timeout=max(0.1, end - time.monotonic()))
        status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        status = "ended" if endless else "still running"
    notes = folder / (name + ".json")
    calls = json.loads(notes.read_text())["calls"] if notes.exists() else {}
    for copy in folder.glob(name + ".json.*.copy"):
        calls[copy.name] = json.loads(copy.read_text())["calls"].get("MainThread", [])
    found[name] = {"status": status, "said": said.decode(errors="replace"), "calls": calls}
json.dump(found, sys.stdout)
