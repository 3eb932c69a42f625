#!/usr/bin/env python3
"""mail_server FOLDER: a mail server (RFC 5321) that takes a letter only as RFC 5322 wants it, from
who proves who they are (AUTH PLAIN kim s3cret). Writes FOLDER/port, each letter to FOLDER/N.eml,
and a line for each command to FOLDER/log. FOLDER/faults has a line for each letter that goes wrong
once: `rcpt` (no such address), `later` (451), `cut` (it is taken, and the connection ends)."""
import base64
import email
import email.policy
import pathlib
import re
import socketserver
import sys

folder = pathlib.Path(sys.argv[1])
log = open(folder / "log", "a", buffering=1)


def fault(step):
    """The first fault, used up, when it is of this step."""
    file = folder / "faults"
    lines = file.read_text().split() if file.exists() else []
    if not lines or {"rcpt": "rcpt", "later": "data", "cut": "data"}[lines[0]] != step:
        return ""
    file.write_text("\n".join(lines[1:]))
    return lines[0]


def wrong(data):
    """What is wrong with a letter; nothing when all is right."""
    if any(b > 126 for b in data) or b"\n" in data.replace(b"\r\n", b""):
        return "no ASCII in lines that end in CR LF"
    if max(map(len, data.split(b"\r\n"))) > 998:
        return "a line that is too long"
    letter = email.message_from_bytes(data, policy=email.policy.SMTP)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        if len(letter.get_all(name, [])) != 1:
            return f"not one {name}"
    if letter.defects or letter["Date"].datetime is None:
        return f"defects {letter.defects}"
    if not re.fullmatch(r"<[0-9a-f]+\.digest@[a-z.]+>", letter["Message-ID"]):
        return "Message-ID"
    if letter["Auto-Submitted"] != "auto-generated":
        return "Auto-Submitted"
    return ""


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def data(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        data = b"".join(lines)
        problem = wrong(data)
        kind = fault("data")
        if problem:
            log.write(f"WRONG {problem}\n")
            return self.say(f"554 5.6.0 {problem}")
        if kind == "later":
            return self.say("451 4.3.0 later")
        n = len(list(folder.glob("*.eml"))) + 1
        (folder / f"{n}.eml").write_bytes(data)
        if kind == "cut":
            raise ConnectionResetError
        self.say("250 2.0.0 taken")

    def handle(self):
        self.say("220 here ESMTP")
        known = False
        while line := self.rfile.readline():
            text = line.decode().rstrip("\r\n")
            log.write(text.split(" ")[0] + "\n" if text.startswith("AUTH") else text + "\n")
            verb = text.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-here\r\n250-AUTH PLAIN\r\n250 SIZE 10000000")
            elif verb == "AUTH":
                proof = text.split(" ")[2] if text.count(" ") > 1 else None
                if proof is None:
                    self.say("334 ")
                    proof = self.rfile.readline().decode().strip()
                known = base64.b64decode(proof) == b"\0kim\0s3cret"
                self.say("235 2.7.0 ok" if known else "535 5.7.8 who is " + base64.b64decode(proof).decode().split("\0")[-1])
            elif verb == "MAIL":
                right = known and re.match(r"MAIL FROM:<aright@example\.org>", text)
                self.say("250 2.1.0 ok" if right else "530 5.7.0 not you")
            elif verb == "RCPT":
                right = re.match(r"RCPT TO:<[^<>@ ]+@example\.org>$", text) and not fault("rcpt")
                self.say("250 2.1.5 ok" if right else "550 5.1.1 no such address")
            elif verb == "DATA":
                self.say("354 go on")
                try:
                    self.data()
                except ConnectionResetError:
                    return self.connection.shutdown(2)
            elif verb == "QUIT":
                return self.say("221 2.0.0 bye")
            else:
                self.say("250 2.0.0 ok")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # whoever spoke is gone


server = Server(("0.0.0.0", 0), Session)
(folder / "port.new").write_text(str(server.server_address[1]))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
