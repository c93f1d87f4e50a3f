#!/usr/bin/env python3
"""Serves the files of a folder on the loopback: shard_server.py FOLDER MODE PORT_FILE, until standard input ends.

MODE: good; whole (knows no ranges); cut (breaks off within every third answer); changed (another ETag from the
fifth answer of each file on); unversioned (no ETag); stall (says nothing after the first answer of each file); busy
(answers 503 and 429 to every other request); down (503 after the first answer of each file); later (asks to be left
alone for an hour).
Every answer is a line of FOLDER/answers, written before its body is sent.
"""

import collections
import http.server
import os
import sys
import threading
import time
import zlib

FOLDER, MODE, PORT_FILE = sys.argv[1:]
ANSWERS = collections.Counter()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        try:
            with open(FOLDER + self.path.partition("?")[0], "rb") as file:
                content = file.read()
        except OSError:
            return self.send_error(404)
        ANSWERS[self.path] += 1
        part, count = content, ANSWERS[self.path]
        busy = MODE == "busy" and count % 2 == 1 or MODE == "down" and count > 1
        if busy or MODE == "later":
            self.send_response(503 if count % 4 < 2 else 429)
            self.send_header("Retry-After", "3600" if MODE == "later" else "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            with open(FOLDER + "/answers", "a", encoding="ascii") as file:
                file.write(f"{self.path} busy\n")
            return None
        ranged = "Range" in self.headers and MODE != "whole"
        self.send_response(206 if ranged else 200)
        if ranged:
            first, last = (int(word) for word in self.headers["Range"][len("bytes="):].split("-"))
            part = content[first:last + 1]
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        if MODE != "unversioned":
            self.send_header("ETag", '"new"' if MODE == "changed" and count > 4 else f'"{zlib.crc32(content)}"')
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if MODE == "stall" and count > 1:
            time.sleep(60)
        if MODE == "cut" and count % 3 == 0:
            part = part[:len(part) // 2]
            self.close_connection = True
        with open(FOLDER + "/answers", "a", encoding="ascii") as file:
            file.write(f"{self.path} {self.headers.get('Range', 'whole')}\n")
        self.wfile.write(part)
        return None


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
server.handle_error = lambda *_: None  # a client that has heard enough
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(PORT_FILE + ".part", "w", encoding="ascii") as file:
    file.write(str(server.server_address[1]))
os.rename(PORT_FILE + ".part", PORT_FILE)
sys.stdin.read()
