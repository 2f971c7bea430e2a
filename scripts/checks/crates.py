#!/usr/bin/env python3
"""crates.py licences|duplicates|sources|library|others: checks Cargo.lock's crates against deny.toml, offline.

The same as `cargo deny` does, for machines that have no cargo-deny; and that the library itself is made of no crates
but the three that the bindings to C consist of, and a macro for probes.
"""
import argparse
import collections
import json
import re
import subprocess
import sys
import tomllib

PLATFORM = 'x86_64-unknown-linux-gnu'
LIBRARY = {'glib-sys', 'gobject-sys', 'libc', 'probe'}
SOURCE = re.compile(r'registry\+https://[^/]+/rust-lang/crates\.io-index$')


def metadata(manifest='Cargo.toml'):
    return json.loads(subprocess.run(
        ['cargo', 'metadata', '--locked', '--offline', '--format-version=1', '--filter-platform', PLATFORM,
         '--manifest-path', manifest],
        check=True, stdout=subprocess.PIPE).stdout)


def is_allowed(expression, allowed):
    """Whether an SPDX expression is satisfied by the allowed licences. AND binds more tightly than OR."""
    tokens = re.findall(r'\(|\)|[^\s()]+(?:\s+WITH\s+[^\s()]+)?', expression)

    def alternatives():
        answer = conjunction()
        while tokens and tokens[0] == 'OR':
            tokens.pop(0)
            answer = conjunction() or answer
        return answer

    def conjunction():
        answer = term()
        while tokens and tokens[0] == 'AND':
            tokens.pop(0)
            answer = term() and answer
        return answer

    def term():
        token = tokens.pop(0)
        if token != '(':
            return token in allowed
        answer = alternatives()
        tokens.pop(0)
        return answer

    return alternatives()


def licences(packages, rules):
    exceptions = {entry['crate']: set(entry['allow']) for entry in rules['licenses']['exceptions']}
    allowed = set(rules['licenses']['allow'])
    for package in packages:
        if not is_allowed((package['license'] or '?').replace('/', ' OR '), allowed | exceptions.get(package['name'], set())):
            yield f'{package["name"]} has the licence {package["license"]}'
    for name in exceptions.keys() - {package['name'] for package in packages}:
        yield f'deny.toml has an exception for {name}, which is not used'


def duplicates(packages, rules):
    versions = collections.defaultdict(set)
    for package in packages:
        versions[package['name']].add(package['version'])
    double = {name for name, those in versions.items() if len(those) > 1}
    expected = {entry['crate'] for entry in rules['bans']['skip']}
    yield from (f'{name} is there as {sorted(versions[name])}' for name in double - expected)
    yield from (f'deny.toml expects two versions of {name}, and there are not' for name in expected - double)


def sources(packages, _rules):
    for package in packages:
        if package['source'] is None:
            if package['name'] != 'asyncresult':
                yield f'{package["name"]} comes from a folder'
        elif not SOURCE.match(package['source']):
            yield f'{package["name"]} comes from {package["source"]}'


def library(_packages, _rules):
    """What is linked in: dependencies that are neither for tests nor for build scripts."""
    lines = subprocess.run(
        ['cargo', 'tree', '--locked', '--offline', '--edges=normal', '--prefix=none', '--format={lib}', '--target',
         PLATFORM], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = {line.split()[0].replace('_', '-') for line in lines} - {'asyncresult'}
    yield from (f'{name} is linked into the library' for name in found - LIBRARY)
    yield from (f'{name} is not linked into the library any more' for name in LIBRARY - found)


def others(_packages, rules):
    """The crates of the packages beside the library, by the same rules, and without exceptions."""
    for folder in ('check', 'trace/recorder', 'trace/report'):
        manifest = f'{folder}/Cargo.toml'
        # cargo's metadata names also what a feature would bring that nobody asks for.
        lines = subprocess.run(
            ['cargo', 'tree', '--locked', '--offline', '--prefix=none', '--format={p}', '--target', PLATFORM, '--manifest-path',
             manifest], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        used = {line.split()[0] for line in lines}
        packages = [package for package in metadata(manifest)['packages']
                    if package['source'] is not None and package['name'] in used]
        yield from licences(packages, {'licenses': {'allow': rules['licenses']['allow'], 'exceptions': []}})
        yield from duplicates(packages, {'bans': {'skip': []}})
        yield from sources(packages, rules)


CHECKS = {'licences': licences, 'duplicates': duplicates, 'sources': sources, 'library': library, 'others': others}


def self_test():
    allowed = {'MIT', 'A WITH B'}
    for expression, expected in {'MIT': True, 'X': False, 'X OR MIT': True, 'X AND MIT': False, 'A WITH B OR X': True,
                                 '(X OR MIT) AND A WITH B': True, '(MIT OR X) AND X': False, 'A': False,
                                 'MIT OR X AND X': True}.items():
        assert is_allowed(expression, allowed) == expected, expression


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('check', choices=CHECKS)
    check = CHECKS[parser.parse_args().check]
    self_test()
    with open('deny.toml', 'rb') as file:
        rules = tomllib.load(file)
    packages = metadata()['packages']
    complaints = sorted(check(packages, rules))
    print(f'{len(packages)} crates')
    print(*complaints, sep='\n')
    sys.exit(1 if complaints else 0)


if __name__ == '__main__':
    main()
