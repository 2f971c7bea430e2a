#!/usr/bin/env python3
"""The blocks of a page: those of C are saved, or stand in an example; those of a console print what is shown.

A block of C behind "Save this as `NAME`:" is saved in the folder under that name. Any other stands in a file of
examples/ as it is. Of a block for a console, "$ COMMAND" is run in that folder by bash; what follows is what it
prints. There "…" stands for anything in a line, and alone in a line for any lines. There is no other kind of block.
"""
import argparse
import pathlib
import re
import subprocess
import sys

MARK = '=== the next command ==='


def blocks(text):
    """Of each block: the line of its beginning, its language, its text and what stands before it."""
    found, before, lines = [], '', None
    for number, line in enumerate(text.splitlines(), 1):
        if lines is not None and line == '```':
            found.append((begun, language, '\n'.join(lines) + '\n', before))
            before, lines = '', None
        elif lines is not None:
            lines.append(line)
        elif line.startswith('```'):
            begun, language, lines = number, line[3:], []
        else:
            before += line + '\n'
            assert not line.startswith('    '), f'line {number}: a block that nobody looks at'
    assert lines is None, f'line {begun}: a block without an end'
    return found


def fits(shown, printed):
    pattern = ''
    for line in shown:
        pattern += r'(?:.*\n)*' if line == '…' else re.escape(line).replace('…', '.*') + r'\n'
    return re.fullmatch(pattern, printed) is not None


def run(block, folder):
    """Runs the commands of a block, one after the other in one shell, and compares."""
    steps = []
    for line in block.splitlines():
        if line.startswith('$ '):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    script = ''.join(f'{command}\necho "{MARK}"\n' for command, _ in steps)
    done = subprocess.run(['bash', '-c', script], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    printed = done.stdout.decode(errors='replace').split(MARK + '\n')
    for (command, shown), said in zip(steps, printed, strict=False):
        print('$', command, said, sep='\n', end='')
        assert fits(shown, said), f'"{command}" prints something else than the page shows:\n' + '\n'.join(shown)
    assert len(printed) == len(steps) + 1, f'only {len(printed) - 1} of {len(steps)} commands ran'
    return len(steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('page', type=pathlib.Path)
    parser.add_argument('folder', type=pathlib.Path, help='where the programs are saved, and the commands run')
    parser.add_argument('--without', metavar='TEXT', action='append', default=[], help='no block with this text is run')
    args = parser.parse_args()
    examples = [file.read_text() for file in sorted(pathlib.Path('examples').glob('*.c'))]
    saved = parts = commands = 0
    for number, language, text, before in blocks(args.page.read_text()):
        name = re.search(r'Save this as `([\w.-]+)`:\s*$', before)
        where = f'{args.page}:{number}'
        if language == 'c' and name:
            (args.folder / name[1]).write_text(text)
            saved += 1
        elif language == 'c':
            assert any('\n' + text in example for example in examples), f'{where}: this stands in no example:\n{text}'
            parts += 1
        elif language == 'console':
            if not any(word in text for word in args.without):
                commands += run(text, args.folder)
        else:
            raise AssertionError(f'{where}: a block of "{language}"')
    print(f'{saved} programs, {parts} parts of examples, {commands} commands')


try:
    main()
except AssertionError as error:
    sys.exit(f'{sys.argv[0]}: {error}')
