"""A headless Chromium, spoken to over a pipe in the DevTools protocol; nothing but the standard library is needed."""

import base64
import json
import os
import subprocess

FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run "
         "--disable-background-networking --disable-component-update --remote-debugging-pipe").split()
SECONDS = 60


class Browser:
    """One page. `requests` holds the addresses that it asked for, `complaints` what its console says."""

    def __init__(self, folder):
        in_read, self.to_browser = os.pipe()
        self.from_browser, out_write = os.pipe()
        script = f"exec chromium {' '.join(FLAGS)} --user-data-dir={folder} 3<&{in_read} 4>&{out_write} about:blank"
        self.process = subprocess.Popen(["bash", "-c", script], pass_fds=(in_read, out_write), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=str(folder)))
        os.close(in_read)
        os.close(out_write)
        self.buffer, self.count, self.session = b"", 0, None
        self.requests, self.complaints, self.loads = [], [], 0
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(domain + ".enable")

    def close(self):
        try:
            self.session = None
            self.ask("Browser.close")
        except (EOFError, OSError):
            pass
        self.process.wait(SECONDS)

    def receive(self):
        while b"\0" not in self.buffer:
            more = os.read(self.from_browser, 1 << 16)
            if not more:
                raise EOFError("the browser has gone")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        method, said = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loads += 1
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(said["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.complaints.append(said["entry"]["text"])
        return message

    def ask(self, method, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, path):
        before = self.loads
        self.ask("Page.navigate", url=path.resolve().as_uri())
        while self.loads == before:
            self.receive()

    def value(self, script):
        result = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def size(self, width, height, phone=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)

    def dark(self, dark):
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def point(self, x, y):
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def shot(self, path):
        picture = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(picture["data"]))
