"""Starts a daemon for a test and stops it again."""

import contextlib
import re
import signal
import subprocess

# How long tests wait for what must come. Only a failure takes as long.
PATIENCE_S = 60


@contextlib.contextmanager
def running(binary, *flags, log=None, **started):
    """Yields (process, base URL). The daemon picks a free port; log lines go to the file `log`.

    `started` goes to Popen. It must exit with 0 on SIGTERM, unless the test has ended it already.
    """
    process = subprocess.Popen(
        [binary, "serve", "--port", "0", "--set", "log.level=warn", *flags],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        **started,
    )
    try:
        # The banner's first line has the URL; by then the daemon is ready.
        banner = process.stdout.readline()
        url = re.search(r"http://\S+", banner)
        if url is None:
            raise RuntimeError(f"no URL in the banner: {banner!r}")
        yield process, url.group(0)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            if process.wait(PATIENCE_S) != 0:
                raise RuntimeError(f"the daemon exited with {process.returncode}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
