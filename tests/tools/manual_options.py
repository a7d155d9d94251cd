# SPDX-License-Identifier: MIT
"""Holds a manual page's options against the option table: `list-options | manual_options.py MAN_FOLDER`.

Every option has exactly one item, headed as the table says (`.It Fl o , Fl Fl output Ar FILE`), whose text has its
choices, its range and its default, and a place in the synopsis; and every item is an option of the table. Of an option
that is handed on to other commands, the page names those.
"""

import json
import pathlib
import re
import sys

wrong = 0


def complain(text):
    global wrong
    wrong += 1
    print(text, file=sys.stderr)


def head(option):
    names = []
    for name in option["names"].split(","):
        names.append(f"Fl Fl {name[2:]}" if name.startswith("--") else f"Fl {name[1:]}")
    value = option["value"]
    if value.startswith("["):
        value = f" Op Ar {value[1:-1]}"
    elif value:
        value = " Ar " + value.replace("|", " | ")
    return ".It " + " , ".join(names) + value


def plain(text):
    """Words of an item, without macros: `.Cm wav , flac` -> ` wav , flac `."""
    text = re.sub(r"^\.[A-Z][a-z] ", " ", text, flags=re.M)
    return " " + re.sub(r"[,.;]+(?=\s)|[\s()]+", " ", text.replace("\\-", "-")) + " "


def items(page):
    """Each `.It` that begins with a flag, and its text up to the next item of its list."""
    found = []
    depth = 0
    for line in page.splitlines():
        if line.startswith(".Bl"):
            depth += 1
        if line.startswith(".El"):
            depth -= 1
        if line.startswith(".It Fl") and depth == 1:
            found.append([line, ""])
        elif found and (depth > 1 or not line.startswith((".It", ".El", ".Sh"))):
            found[-1][1] += line + "\n"
    return found


def check(page_name, page, options):
    listed = items(page)
    heads = [line for line, _ in listed]
    # An option's default and range may be said in the same item as its name alone.
    for option in options:
        if not option["names"].startswith("-"):
            continue
        if "handed_to" in option:  # said where it belongs
            for command in option["handed_to"]:
                if f".Xr {command} 1" not in page:
                    complain(f"{page_name}: does not name {command}, to which {option['names']} goes")
            continue
        expected = head(option)
        texts = [text for line, text in listed if line == expected]
        name = option["names"].split(",")[-1]
        if not texts:
            complain(f"{page_name}: no item \"{expected}\" for {name}")
            continue
        values = [str(option[key]) for key in ("min", "max", "initial") if key in option] + option.get("choices", [])
        for value in values:
            for text in texts:
                if value != "-" and f" {value} " not in plain(text):
                    complain(f"{page_name}: the text of {name} does not say \"{value}\"")
        mention = f"Fl Fl {name[2:]}"
        synopsis = page[page.index(".Sh SYNOPSIS"):page.index(".Sh DESCRIPTION")]
        short = option["names"].split(",")[0]
        said = re.search(rf"{mention}\b", synopsis) or (len(short) == 2 and re.search(rf"Fl ({short[1:]}|qv)\b", synopsis))
        if not said and name != "--version":
            complain(f"{page_name}: the synopsis lacks {name}")
    known = {head(option) for option in options}
    for line in heads:
        if line not in known:
            complain(f"{page_name}: \"{line}\" is no option")


def all_options(command):
    return command["options"] + [o for sub in command.get("subcommands", []) for o in all_options(sub)]


for command in json.load(sys.stdin):
    path = pathlib.Path(sys.argv[1]) / f"{command['name']}.1"
    check(path.name, path.read_text(), all_options(command))
sys.exit(1 if wrong else 0)
