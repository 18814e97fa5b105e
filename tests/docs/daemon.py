"""Starts a daemon for a test and stops it again."""

import contextlib
import re
import signal
import subprocess


@contextlib.contextmanager
def running(binary, *flags):
    """Yields (process, base URL). The daemon picks a free port; it must exit with 0 on SIGTERM."""
    process = subprocess.Popen(
        [binary, "serve", "--port", "0", "--set", "log.level=warn", *flags],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        banner = process.stdout.readline()
        url = re.search(r"http://\S+", banner)
        if url is None:
            raise RuntimeError(f"no URL in the banner: {banner!r}")
        yield process, url.group(0)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=30)
        if code != 0:
            raise RuntimeError(f"the daemon exited with {code}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
