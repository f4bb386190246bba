"""Asks a service over a Unix socket: JSON lines from standard input, answers to standard output, one at a time.

usage: ask.py SOCKET < records.jsonl
"""

import socket
import sys

with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    answers = client.makefile()
    for line in sys.stdin:
        client.sendall(line.encode())
        print(answers.readline(), end="", flush=True)
