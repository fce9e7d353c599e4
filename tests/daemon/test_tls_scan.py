#!/usr/bin/env python3
"""Scanners of TLS: they may find nothing that docs/tls.md does not allow, with its reason.

sslscan always runs; testssl takes a minute and runs with MINGLE_TESTSSL=1 (./dev scan)."""
import json
import os
import re
import subprocess
import unittest
import xml.etree.ElementTree as xml

from mingle_client import DEADLINE
from mingle_test import TOP, DaemonTest, main, shared_folder

SCAN_DEADLINE = 240
LEAF = "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n"


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True,
                          cwd=shared_folder())


def make_certificate():
    """A certificate as a CA issues it: for 90 days, with its chain."""
    folder = shared_folder()
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    with open(os.path.join(folder, "leaf.conf"), "w") as file:
        file.write(LEAF)
    openssl("req", "-x509", *new, "-subj", "/CN=Test CA", "-days", "90", "-keyout", "ca.key",
            "-out", "ca.pem")
    openssl("req", *new, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "leaf.request")
    openssl("x509", "-req", "-in", "leaf.request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "90", "-extfile", "leaf.conf", "-out", "leaf.pem")
    with open(os.path.join(folder, "chain.pem"), "w") as chain:
        for name in "leaf.pem", "ca.pem":
            with open(os.path.join(folder, name)) as part:
                chain.write(part.read())
    return [os.path.join(folder, name) for name in ("chain.pem", "key.pem", "ca.pem")]


def allowed(title):
    """The first column of the table below this title of docs/tls.md."""
    with open(os.path.join(TOP, "docs", "tls.md"), encoding="utf-8") as file:
        section = file.read().partition(f"\n### {title}\n")[2].partition("\n#")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def sslscan_findings(text):
    """Every fact that sslscan tells, as a word: what is off is left out."""
    found = set()
    for element in xml.fromstring(text).find("ssltest"):
        value = element.attrib
        if element.tag == "protocol" and value["enabled"] == "1":
            found.add(f"protocol {value['type']} {value['version']}")
        elif element.tag == "cipher":
            found.add(f"cipher {value['cipher']}")
        elif element.tag == "group":
            found.add(f"group {value['name'].split()[0]}")
        elif element.tag == "heartbleed" and value["vulnerable"] != "0":
            found.add("heartbleed")
        elif element.tag in ("renegotiation", "compression") and value["supported"] != "0":
            found.add(element.tag)
        elif element.tag not in ("protocol", "heartbleed", "renegotiation", "compression", "fallback",
                                 "certificates"):
            found.add(element.tag)
    return found


class TlsScanTest(DaemonTest):
    def serve(self):
        chain, key, ca = make_certificate()
        return self.start({"tls.certificate": chain, "tls.key": key, "limits.name_timeout": "1h"}), ca

    def test_tls_scan_sslscan(self):
        daemon, _ = self.serve()
        text = subprocess.run(["sslscan", "--xml=-", "localhost:%d" % daemon.address[1]], check=True,
                              capture_output=True, text=True, timeout=DEADLINE * 5).stdout
        found = sslscan_findings(text)
        self.assertTrue({"protocol tls 1.2", "protocol tls 1.3", "group x25519"} <= found, found)
        self.assertEqual(found - allowed("sslscan"), set())

    @unittest.skipUnless(os.environ.get("MINGLE_TESTSSL"), "takes a minute: ./dev scan")
    def test_tls_scan_testssl(self):
        daemon, ca = self.serve()
        path = os.path.join(self.keep_folder(), "found.json")
        subprocess.run(["testssl", "--warnings", "off", "--color", "0", "--add-ca", ca, "--severity", "LOW",
                        "--jsonfile", path, "localhost:%d" % daemon.address[1]],
                       stdout=subprocess.DEVNULL, timeout=SCAN_DEADLINE)
        with open(path) as file:
            found = {entry["id"]: f"{entry['severity']}: {entry['finding']}" for entry in json.load(file)}
        self.assertIn("cipher_order", found)  # otherwise it has not scanned
        self.assertEqual({key: found[key] for key in found.keys() - allowed("testssl")}, {})


if __name__ == "__main__":
    main()
