#!/usr/bin/env python3
"""Looks at the manual as a site, in the folder SITE, from the root of the tree. WHAT is one of

links      each link to a page, a picture or a place in a page leads to one
functions  each exported function has a page, with all of its comment
pages      each page of docs/ is there, with its headings, tables, lists, pictures and code
"""
import argparse
import glob
import html
import os
import re
import sys
import urllib.parse
import xml.etree.ElementTree as tree


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def text_of(page):
    """What a reader sees of a page, without spaces, and with plain quotation marks and dashes."""
    page = re.sub(r'<(script|style).*?</\1>', '', page, flags=re.S)
    return plain(html.unescape(re.sub(r'<[^>]*>', '', page)))


def plain(text):
    for fancy, simple in ('“"', '”"', "‘'", "’'", '–-', '—-'):
        text = text.replace(fancy, simple)
    return re.sub(r'\s', '', text.replace('…', '...').replace('--', '-').replace("``", '"').replace("''", '"'))


def links(site):
    pages = {os.path.basename(path): read(path) for path in glob.glob(site + '/*.html')}
    places = {name: set(re.findall(r'\s(?:id|name)="([^"]*)"', text)) for name, text in pages.items()}
    book = read(glob.glob(site + '/*.devhelp2')[0])
    pages['the book'] = re.sub(r'\slink=', ' href=', book)
    count, broken = 0, []
    for name, text in pages.items():
        for link in re.findall(r'\s(?:href|src)="([^"]*)"', text):
            link = html.unescape(link)
            if re.match(r'https?://|javascript:void\(0\)$', link):
                continue
            count += 1
            target, _, place = link.partition('#')
            target = urllib.parse.unquote(target) or name
            if not os.path.exists(os.path.join(site, target)) and target not in pages:
                broken.append((name, link))
            elif place and urllib.parse.unquote(place) not in places.get(target, ()):
                broken.append((name, link))
        if 'No description available' in text:
            broken.append((name, 'something is not described'))
    assert count > 1000, count
    return broken


def comments():
    """The comment of each function, as it stands in a header, without the marks that tools read."""
    for header in 'asyncresult.h', 'macros.h', 'asr.h':
        text = re.sub(r'GLIB_DEPRECATED\w*(?: ?\(.*?\))?\n', '', read('include/asyncresult/' + header))
        for comment, name in re.findall(r'/\*\*((?:[^*]|\*(?!/))*)\*/\n[^;{}()#/]*?\b((?:g|asr)_\w+) ?\(', text):
            yield name, re.sub(r'^ \* ?', '', comment, flags=re.M).strip()


def parts(comment):
    """What has to stand together on the page."""
    if not re.match(r'asr_\w+:', comment):
        return comment.split('\n\n')
    comment = re.sub(r'^asr_.*\n', '', comment)
    comment = re.sub(r'^(@\w+|Returns): ?((\([^)]*\) ?)+: ?)?', r'\n\n', comment, flags=re.M)
    comment = re.sub('```c?', '\n\n', comment)
    return [part for part in re.split(r'\n\s*\n', comment) if part.strip()]


def functions(site):
    book = tree.parse(glob.glob(site + '/*.devhelp2')[0])
    pages = {keyword.get('name').rstrip('()'): keyword.get('link') for keyword in book.iterfind('.//{*}keyword')}
    everything = {name: text_of(read(f'{site}/{name}')) for name in map(os.path.basename, glob.glob(site + '/*.html'))}
    # Of this argument gi-docgen says the same in its words.
    error = plain('where to store the error; NULL to ignore it').lower()
    exported = set()
    for path in 'src/exports/exports.map', 'src/asr/asr.map':
        exported |= set(re.findall(r'^\s+((?:g|asr)_\w+);', read(path), re.M))
    said, missing = dict(comments()), []
    missing += [(name, 'no comment was found') for name in exported - set(said)]
    for name in sorted(exported & set(said)):
        if name.endswith('_get_type'):
            # They are said of where their type is.
            candidates = [text for page, text in everything.items() if re.match(r'(class|iface|error)\.', page)]
        else:
            candidates = [everything[pages[name]]] if name in pages else []
        if not candidates:
            missing.append((name, 'no page'))
        for part in parts(said[name]):
            words = plain(re.sub(r'`|(?<!\w)[@%#](?=\w)', '', part))
            words = words.rstrip('.').lower()
            if words != error and not any(words in text.lower() for text in candidates):
                missing.append((name, part))
    assert len(exported) > 110, len(exported)
    return missing


def blocks_and_prose(text):
    """The code of a page, block by block, and its lines that are none."""
    blocks, prose, fence, in_list = [], [], False, False
    for line in re.sub(r'<!--.*?-->\n', '', text, flags=re.S).split('\n'):
        if line.startswith('```'):
            fence = not fence
            blocks.append('')
        elif fence:
            blocks[-1] += line + '\n'
        elif line.startswith('    ') and not in_list:
            blocks.append(line[4:])
        else:
            if line.strip():
                in_list = re.match(r'\s*([-*]|\d+\.) ', line) is not None or in_list and line.startswith(' ')
            prose.append(line)
    return [block for block in blocks if block], prose


PARTS = {'headings': (r'#+ ', '<h[1-6]'), 'rows': (r'\|(?! ?:?--)', '<tr'), 'items': (r' *(?:[-*]|\d+\.) ', '<li'),
         'pictures': (r'.*!\[', '<img')}


def pages(site):
    wrong = []
    paths = glob.glob('docs/*.md') + ['README.md', 'NEWS.md', 'SECURITY.md', 'CONTRIBUTING.md']
    for path in paths:
        name = 'overview' if path == 'README.md' else os.path.basename(path)[:-3].lower()
        if not os.path.exists(f'{site}/{name}.html'):
            wrong.append((path, 'no page'))
            continue
        page = re.search(r'<section id="main".*?</section>\s*</section>', read(f'{site}/{name}.html'), re.S).group()
        blocks, prose = blocks_and_prose(read(path))
        shown = text_of(''.join(re.findall(r'<pre.*?</pre>', page, re.S)))
        wrong += [(path, block) for block in blocks if plain(block) not in shown]
        spans = set(map(text_of, re.findall(r'<code>(.*?)</code>', page, re.S)))
        in_prose = re.findall(r'(?<!`)`([^`]+)`(?!`)', '\n'.join(prose))
        wrong += [(path, code) for code in in_prose if plain(code.replace('\\|', '|')) not in spans]
        for what, (pattern, tag) in PARTS.items():
            wanted = len(re.findall('^' + pattern, '\n'.join(prose), re.M))
            found = len(re.findall(tag, page))
            if wanted != found:
                wrong.append((path, f'{found} {what}, not {wanted}'))
    return wrong


def main():
    looks = {'links': links, 'functions': functions, 'pages': pages}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('site', metavar='SITE')
    parser.add_argument('what', metavar='WHAT', choices=looks)
    arguments = parser.parse_args()
    wrong = looks[arguments.what](arguments.site)
    for line in wrong:
        print(*line, sep=': ')
    sys.exit(1 if wrong else 0)


main()
