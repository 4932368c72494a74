"""Reads a page of `coship report --html` from stdin as XML and prints what is in it as JSON; fails on what is not well formed.

The keys: `ids`, `links` (targets within the page), `loads` (every attribute by which a page could fetch something), `elements` (how many of each), `findings`
(fingerprints), `rows` (fingerprints of those that have no more than a line), `text` (all text but scripts and styles), `policy`.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

raw = sys.stdin.buffer.read().decode("utf-8")
root = ET.fromstring(raw)


class Strict(HTMLParser):
    """The same elements as an HTML parser sees them: nothing may hang on how XML differs from it."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)


html = Strict()
html.feed(raw)
html.close()
everything = list(root.iter())
assert [element.tag.lower() for element in everything] == [tag.lower() for tag in html.tags], "HTML and XML differ"

LOADS = ("src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "manifest", "style", "{http://www.w3.org/1999/xlink}href")
ids, links, loads, elements = [], [], [], {}
for element in everything:
    elements[element.tag] = elements.get(element.tag, 0) + 1
    for key, value in element.attrib.items():
        if key == "id":
            ids.append(value)
        elif key == "href":
            (links if value.startswith("#") else loads).append(value)
        elif key in LOADS or key.startswith("on"):
            loads.append(f"{key}={value}")
assert len(ids) == len(set(ids)), "an id is there twice"
assert all(link[1:] in ids for link in links), "a link leads nowhere"


def text(element):
    if element.tag in ("script", "style"):
        return
    yield element.text or ""
    for child in element:
        yield from text(child)
        yield child.tail or ""


found = [i[2:] for i in ids if re.fullmatch("f-[0-9a-f]+", i)]
rows = [e.attrib["id"][2:] for e in everything if e.attrib.get("class") == "finding line"]
policy = [e.attrib["content"] for e in everything if e.attrib.get("http-equiv") == "Content-Security-Policy"]
json.dump(
    {
        "ids": ids,
        "links": links,
        "loads": loads,
        "elements": elements,
        "findings": found,
        "rows": rows,
        "text": "".join(text(root)),
        "policy": policy,
    },
    sys.stdout,
)
