"""What every test of the daemon needs: a daemon of its own, and cases listed as cmocka lists them.

The daemon is $MINGLED. It runs in a folder that is removed at the end, on a port that it chooses. At the
end of each test it has to stop by itself, with exit status 0 and without a word of a sanitizer."""
import faulthandler
import fcntl
import functools
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest

from mingle_client import DEADLINE, ProgramClient, SocketClient, TlsClient

TOP = os.environ.get("TOP_SRCDIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MINGLED = os.path.abspath(os.environ.get("MINGLED") or os.path.join(TOP, "build", "mingled"))

# What a test does not set: nothing here may depend on how fast the test is.
TEST_SETTINGS = {
    "listen.address": "127.0.0.1:0",
    "control.socket": "",
    "limits.flood": "off",
    "log.limit": "off",
    "limits.per_address": "0",
    "limits.unnamed_per_address": "0",
    "tls.handshakes_per_address": "off",
}

# Folders of tests are made in it; the path of a Unix socket in them has at most 107 bytes.
if len(os.fsencode(tempfile.gettempdir())) > 48:
    sys.exit(f"no room for longer paths in {tempfile.gettempdir()}: set TMPDIR to a shorter one")

TROUBLE = re.compile(r"runtime error|Sanitizer|\bBUG\b|\bbug:|CHECK")


@functools.cache
def is_sanitized():
    """Whether the daemon is built with a sanitizer: its memory is then not its own."""
    with open(MINGLED, "rb") as program:
        return b"__asan_init" in program.read()


@functools.cache
def shared_folder():
    """For what all tests of a file share; removed with the process."""
    folder = tempfile.TemporaryDirectory(prefix="mingle-shared-")
    shared_folder.keep = folder
    return folder.name


@functools.cache
def certificate(name="localhost"):
    """Paths of a new certificate and of its key."""
    paths = [os.path.join(shared_folder(), f"{name}.{kind}.pem") for kind in ("certificate", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "60", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost",
                    "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return tuple(paths)


def config_text(settings):
    lines = []
    for key, value in settings.items():
        section, name = key.split(".")
        values = value if isinstance(value, list) else [value]
        lines += [f"[{section}]"] + [f"{name} = {one}" for one in values]
    return "\n".join(lines) + "\n"


def wait_until(condition, what, timeout=DEADLINE):
    """For what cannot be waited for otherwise: asks until it is true."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not in time: {what}")
        time.sleep(0.01)
    return result


def clean_environment():
    """Ours, without what would change the daemon's settings or talk to our own service manager."""
    return {key: value for key, value in os.environ.items()
            if key != "NOTIFY_SOCKET" and not key.startswith("MINGLE_")}


def run_mingled(*arguments, timeout=DEADLINE, env=None):
    """For runs that end at once. Returns the exit status, stdout and stderr."""
    done = subprocess.run([MINGLED, *arguments], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, env=clean_environment() | (env or {}))
    return done.returncode, done.stdout, done.stderr


class Daemon:
    def __init__(self, settings=None, tls=False, env=None, stdin=subprocess.DEVNULL, launcher=()):
        """launcher: words of the command line before the program's own, such as prlimit(1)'s."""
        self.folder = tempfile.mkdtemp(prefix="mingle-test-")
        self.settings = TEST_SETTINGS | (settings or {})
        if tls:
            self.settings["tls.certificate"], self.settings["tls.key"] = certificate()
            # A client that is slow to begin its handshake is not to be greeted in plain text.
            self.settings.setdefault("greeting.delay", "1s")
        self.config = os.path.join(self.folder, "mingled.conf")
        self.configure(config_text(self.settings))
        self.process = subprocess.Popen([*launcher, MINGLED, "--config", self.config], stdin=stdin,
                                        cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env=clean_environment() | (env or {}))
        # A crowd's lines fit into it: a daemon that waits for this process to read them would be slow for nothing.
        fcntl.fcntl(self.process.stderr, fcntl.F_SETPIPE_SZ, 1 << 20)
        self.log = []
        self.log_grew = threading.Condition()
        self.is_stopped = False
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()

    def configure(self, text):
        """Replaces the file of settings, as a whole: the daemon may read it at any time."""
        with open(self.config + ".new", "w") as file:
            file.write(text)
        os.replace(self.config + ".new", self.config)

    def _read_log(self):
        with self.process.stderr as stream:
            for line in stream:
                with self.log_grew:
                    self.log.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
                    self.log_grew.notify_all()

    def wait_log(self, pattern, count=1, timeout=DEADLINE):
        """The match in the line of the log that is the count-th with one."""
        def find():
            matches = [match for match in map(re.compile(pattern).search, self.log) if match]
            return matches[count - 1] if len(matches) >= count else None

        with self.log_grew:
            self.log_grew.wait_for(lambda: find() or not self.reader.is_alive(), timeout)
            match = find()
        if not match:
            raise AssertionError(f"not in the log: {pattern!r}")
        return match

    @functools.cached_property
    def address(self):
        host, port = self.wait_log(r"listening on ([\d.]+):(\d+)").groups()
        return host, int(port)

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=DEADLINE):
        """The exit status, once the log is complete."""
        status = self.process.wait(timeout)
        self.reader.join(timeout)
        self.is_stopped = True
        return status

    def stop(self):
        """Stops it and checks that it was well all the time."""
        self.signal()
        status = self.wait(DEADLINE + 10)
        assert status == 0, f"mingled ended with status {status}"
        self.check_log()

    def check_log(self):
        trouble = [line for line in self.log if TROUBLE.search(line)]
        assert not trouble, f"in the log: {trouble[0]}"

    def kill(self):
        """Ends it without asking."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait()

    def end(self):
        """Whatever has become of it: afterwards nothing of it is left."""
        try:
            if not self.is_stopped:
                self.stop()
        finally:
            self.kill()
            shutil.rmtree(self.folder)

    def _proc(self, name):
        with open(f"/proc/{self.pid}/{name}") as file:
            return file.read()

    def rss_bytes(self):
        return int(re.search(r"VmRSS:\s+(\d+) kB", self._proc("status"))[1]) * 1024

    def cpu_seconds(self):
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def fd_count(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def await_fds(self, count):
        wait_until(lambda: self.fd_count() <= count, f"{count} open files or fewer")


class DaemonTest(unittest.TestCase):
    """A test that starts daemons and connects clients; both are ended with it."""
    maxDiff = None

    def setUp(self):
        self.daemons = []

    def start(self, settings=None, is_listening=True, **more):
        daemon = Daemon(settings, **more)
        self.daemons.append(daemon)
        self.addCleanup(daemon.end)
        if is_listening:
            daemon.wait_log("listening on ")
        return daemon

    def keep(self, client):
        self.addCleanup(client.close)
        return client

    def keep_folder(self):
        folder = tempfile.TemporaryDirectory(prefix="mingle-test-")
        self.addCleanup(folder.cleanup)
        return folder.name

    def connect(self, daemon, **more):
        return self.keep(SocketClient(daemon.address, **more))

    def connect_tls(self, daemon, **more):
        return self.keep(TlsClient(daemon.address, certificate()[0], **more))

    def enter(self, daemon, name, **more):
        """A client with this name, the welcome read."""
        client = self.connect(daemon, label=name, **more)
        client.enter(name)
        return client

    def program(self, *argv, on_terminal=False):
        return self.keep(ProgramClient([str(word) for word in argv], on_terminal))

    def nc(self, daemon, *options):
        return self.program("nc", *options, *daemon.address)

    def s_client(self, daemon):
        host, port = daemon.address
        return self.program("openssl", "s_client", "-quiet", "-verify_return_error",
                            "-verify_hostname", "localhost", "-CAfile", certificate()[0],
                            "-connect", f"{host}:{port}")

    def telnet(self, daemon):
        return self.program("telnet", *daemon.address, on_terminal=True)


class Result(unittest.TestResult):
    """Lists the cases as cmocka does, so that all suites are counted alike."""

    def startTest(self, test):
        super().startTest(test)
        print(f"[ RUN      ] {test._testMethodName}", flush=True)

    def addSuccess(self, test):
        print(f"[       OK ] {test._testMethodName}", flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"{reason}\n[  SKIPPED ] {test._testMethodName}", flush=True)

    def _show(self, test, error):
        traceback.print_exception(*error, file=sys.stdout)
        for daemon in getattr(test, "daemons", []):
            lines = list(daemon.log)
            print(f"--- the log of mingled, {len(lines)} lines ---")
            print(*lines[:100], *(["..."] + lines[-100:] if len(lines) > 200 else lines[100:]), sep="\n")
        print(f"[  FAILED  ] {test._testMethodName}", flush=True)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._show(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self._show(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            print(subtest)
            self._show(test, error)


def main():
    """Runs the cases of the calling file, or those named on the command line."""
    if not os.access(MINGLED, os.X_OK):
        sys.exit(f"{MINGLED} is no program; set MINGLED to the daemon to be tested")
    faulthandler.dump_traceback_later(280)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    result = Result()
    print(f"[==========] Running {suite.countTestCases()} test(s).")
    suite.run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"[==========] {result.testsRun} test(s) run, {failed} failed.")
    sys.exit(0 if result.wasSuccessful() else 1)
