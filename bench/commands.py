"""Running commands and knowing what they took; where the enot command is."""
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Ended(NamedTuple):
    output: str
    seconds: float     # by the clock, from its start to its end
    processors: float  # seconds of all processors together
    megabytes: float   # the most it held at a time; at least what this process holds, of which it begins as a copy
    messages: list     # of its lines on standard error, each with the seconds from its start

    def seconds_to(self, beginning):
        """Until the first message that begins so."""
        found = next((seconds for seconds, line in self.messages if line.startswith(beginning)), None)
        return fail(f"no line of progress begins with {beginning!r}") if found is None else found


def fail(message):
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")


def run(command, purpose):
    words, messages = [str(word) for word in command], []
    begun = time.perf_counter()

    def listen():
        for line in process.stderr:
            messages.append((time.perf_counter() - begun, line))

    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    listener = threading.Thread(target=listen)
    with process.stdout, process.stderr:
        listener.start()
        output = process.stdout.read()
        listener.join()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        fail(f"{purpose} failed: {' '.join(words)}\n{''.join(line for _, line in messages).strip()}")
    return Ended(output, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6, messages)


def processor_facts():
    """Of the first processor in /proc/cpuinfo: "model name", "flags" and so on."""
    lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    return {key.strip(): text.strip() for key, _, text in (line.partition(":") for line in lines)}


def limit_threads(count):
    """Lets this process and all it starts use so many processors."""
    allowed = sorted(os.sched_getaffinity(0))
    if count > len(allowed):
        fail(f"--threads {count}, but this machine offers {len(allowed)} processors")
    os.sched_setaffinity(0, allowed[:count])
    os.environ["OMP_NUM_THREADS"] = str(count)


def add_threads_argument(parser):
    parser.add_argument("--threads", type=int, default=2, help="to use [2]")


def add_command_arguments(parser):
    parser.add_argument("--enot", type=Path, default=ROOT / "build" / "cli" / "enot",
                        help="the command [build/cli/enot]")
    add_threads_argument(parser)


def parse_with_fit_options(parser):
    """The options, and as .fit what follows -- on the command line."""
    words = sys.argv[1:]
    own = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:own])
    options.fit = words[own + 1:]
    return options


def enot_command(options):
    if not options.enot.exists():
        fail(f"{options.enot} is missing: build it with scripts/build or name it with --enot")
    return options.enot.absolute()
