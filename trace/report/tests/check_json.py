#!/usr/bin/env python3
"""Checks Chrome's trace events by the rules that Perfetto and chrome://tracing have, and counts what is in them."""
import argparse
import bisect
import collections
import json
import sys

KNOWN = set('bnesfXCMi')


def nanoseconds(event, key='ts'):
    """Decimals of microseconds, exactly."""
    whole, _, rest = event[key].partition('.')
    return int(whole) * 1000 + int((rest + '000')[:3])


def asynchronous(events):
    """Every b has its e, of the same name, and those of one id are nested. Yields what is wrong."""
    tracks = collections.defaultdict(list)
    for event in events:
        if event['ph'] in 'bne':
            tracks[event['pid'], event['cat'], event['id']].append(event)
    for track, those in tracks.items():
        those.sort(key=nanoseconds)
        open_ones = []
        for event in those:
            if event['ph'] == 'b':
                open_ones.append(event)
            elif not open_ones:
                yield f'{track}: {event["ph"]} outside of all: {event}'
            elif event['ph'] == 'e' and open_ones.pop()['name'] != event['name']:
                yield f'{track}: an end of another name: {event}'
        if open_ones:
            yield f'{track}: without an end: {open_ones}'


def nested(slices):
    """Those of one thread are nested. Yields what is wrong."""
    for thread, those in slices.items():
        ends = []
        for begin, end, name in those:
            while ends and ends[-1] <= begin:
                ends.pop()
            if ends and end > ends[-1]:
                yield f'{thread}: {name} at {begin} ends after what it is in'
            ends.append(end)


def arrows(events, slices):
    """Each has one beginning and one end, and both lie in a slice. Yields what is wrong."""
    begins = {thread: [begin for begin, _, _ in those] for thread, those in slices.items()}
    arrow_ends = collections.defaultdict(dict)
    for event in events:
        if event['ph'] not in 'sf':
            continue
        arrow = arrow_ends[event['pid'], event['cat'], event['id']]
        if event['ph'] in arrow:
            yield f'twice: {event}'
        arrow[event['ph']] = nanoseconds(event)
        if event['ph'] == 'f' and event.get('bp') != 'e':
            yield f'without "bp": {event}'
        thread, time = (event['pid'], event['tid']), nanoseconds(event)
        last = bisect.bisect_right(begins.get(thread, []), time)
        # A slice that encloses it may have begun long before: look back until one is found.
        if not any(end > time for _, end, _ in reversed(slices.get(thread, [])[:last])):
            yield f'in no slice: {event}'
    for key, arrow in arrow_ends.items():
        if arrow.keys() != {'s', 'f'} or arrow['s'] > arrow['f']:
            yield f'arrow {key}: {arrow}'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('file')
    parser.add_argument('--tasks', type=int, help='how many tasks there have to be')
    parser.add_argument('--slices', type=int, help='how many functions and callbacks there have to be')
    parser.add_argument('--arrows', type=int, help='how many arrows there have to be')
    args = parser.parse_args()

    with open(args.file, encoding='utf-8') as file:
        # Times as they are written.
        events = json.load(file, parse_float=str, parse_int=str)['traceEvents']
    wrong = [f'no phase that is known, or no pid: {event}' for event in events
             if event.get('ph') not in KNOWN or 'pid' not in event]
    wrong += [f'without a time: {event}' for event in events if event['ph'] != 'M' and 'ts' not in event]
    wrong += [f'without a name: {event}' for event in events if event['ph'] == 'M' and not event['args']['name']]
    wrong += [f'no number: {event}' for event in events
              if event['ph'] == 'C' and not event['args']['value'].lstrip('-').isdigit()]
    slices = collections.defaultdict(list)
    for event in events:
        if event['ph'] == 'X':
            begin = nanoseconds(event)
            slices[event['pid'], event['tid']].append((begin, begin + nanoseconds(event, 'dur'), event['name']))
    for those in slices.values():
        those.sort(key=lambda piece: (piece[0], -piece[1]))
    wrong += [*asynchronous(events), *nested(slices), *arrows(events, slices)]
    tasks = len({(event['pid'], event['id']) for event in events if event['ph'] == 'b'})
    runs = sum(event['ph'] == 'X' and event['cat'] != 'point' for event in events)
    count = collections.Counter(event['ph'] for event in events)
    if count['b'] != count['e']:
        wrong.append(f'{count["b"]} begin and {count["e"]} end')
    for what, found, expected in ('tasks', tasks, args.tasks), ('slices', runs, args.slices), ('arrows', count['s'], args.arrows):
        if expected is not None and found != expected:
            wrong.append(f'{found} {what}, not {expected}')
    print(*wrong[:20], sep='\n')
    print(f'{len(events)} events: {tasks} tasks, {runs} slices, {count["s"]} arrows; {len(wrong)} wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__':
    main()
