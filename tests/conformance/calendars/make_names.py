#!/usr/bin/env python3
"""make_names.py FACTS_DIR: prints names.csv, the names of calendars that users of the libraries know.

It contains each name, cal_name and alias of the facts, and the calendar that it means here. If a plain name and
a MIC mean one market, the MIC has the calendar; if two calendars claim an alias, it belongs to the one named so."""
import pathlib
import sys

ONE_MARKET = {"NYSE": "XNYS", "LSE": "XLON", "JPX": "XTKS", "HKEX": "XHKG", "TSX": "XTSE", "ASX": "XASX", "BSE": "XBOM",
              "BMF": "BVMF", "SIX": "XSWX", "SSE": "XSHG", "TASE": "XTAE", "EUREX": "XEUR", "CFE": "XCBF", "OSE": "XOSL",
              "ICE": "IEPA", "SIFMAUS": "SIFMA_US", "SIFMAUK": "SIFMA_UK", "SIFMAJP": "SIFMA_JP", "24-5": "24/5",
              "24-7": "24/7"}


def main():
    calendars, claims = {}, {}
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
        head = dict(line.split("=", 1) for line in path.read_text().split("[weekmask]")[0].splitlines() if "=" in line
                    and not line.startswith("#"))
        calendar = ONE_MARKET.get(path.stem, path.stem)
        words = [path.stem, head["name"], head.get("cal_name", ""), calendar]
        for word in filter(None, words):
            calendars[word.lower()] = (word, calendar)
        aliases = head.get("aliases", "")
        for word in [aliases] if aliases.startswith("CME Globex ") else aliases.split():
            claims.setdefault(word.lower(), []).append((word, calendar))
    for key, claimed in claims.items():
        if key not in calendars:
            word, calendar = claimed[0]
            if len({calendar for _, calendar in claimed}) > 1:
                print(f"{word} is claimed by {claimed}", file=sys.stderr)
            calendars[key] = (word, calendar)
    print("# word,calendar: made by make_names.py from the facts of two libraries")
    for key in sorted(calendars):
        print(",".join(calendars[key]))


if __name__ == "__main__":
    main()
