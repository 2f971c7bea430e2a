#!/usr/bin/env python3
"""Opens reports in a browser without a window, and counts, sorts, filters, clicks and scrolls in them as a reader would.

check_page.py SMALL.html [LARGE.html TASKS]: SMALL is the report of `make-trace small`. Ends with 77 where no Chromium is.
"""
import fcntl
import itertools
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

# Seconds: for what the page has to show, and for an answer of the browser.
PATIENCE = float(os.environ.get('PATIENCE', 60))
ANSWER = 60


class Browser:
    """Speaks Chromium's DevTools protocol through two pipes."""

    def __init__(self, program, profile):
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()
        # The browser expects them as 3 and 4, where others may be now.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]
        command = (f'exec "$0" --headless=new --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe '
                   f'--user-data-dir="$1" about:blank 3<&{ends[0]} 4>&{ends[1]}')
        self.process = subprocess.Popen(['bash', '-c', command, program, profile], pass_fds=ends, stderr=subprocess.DEVNULL)
        for end in (to_browser, from_browser, *ends):
            os.close(end)
        self.numbers, self.rest, self.troubles = itertools.count(1), b'', []
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = None
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(f'{domain}.enable')
        self.call('Emulation.setDeviceMetricsOverride', width=1400, height=900, deviceScaleFactor=1, mobile=False)

    def call(self, method, **params):
        number = next(self.numbers)
        message = {'id': number, 'method': method, 'params': params}
        if getattr(self, 'session', None):
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.next_message()
            if answer.get('id') == number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]}')
                return answer['result']
            if answer.get('method') in ('Runtime.exceptionThrown', 'Log.entryAdded'):
                self.troubles.append(json.dumps(answer['params'])[:500])
            if answer.get('method') == 'Network.requestWillBeSent':
                address = answer['params']['request']['url']
                if not address.startswith(('file:', 'data:', 'about:')):
                    self.troubles.append(f'the page asks the network: {address}')

    def next_message(self):
        while b'\0' not in self.rest:
            if not select.select([self.into], [], [], ANSWER)[0]:
                raise RuntimeError('the browser says nothing')
            piece = os.read(self.into, 1 << 20)
            if not piece:
                raise RuntimeError('the browser has ended')
            self.rest += piece
        message, self.rest = self.rest.split(b'\0', 1)
        return json.loads(message)

    def value(self, expression):
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(f'{expression}: {answer["exceptionDetails"]}')
        return answer['result'].get('value')

    def wait_for(self, expression, expected=True):
        """Until the expression has this value."""
        end, value = time.monotonic() + PATIENCE, None
        while time.monotonic() < end:
            value = self.value(expression)
            if value == expected:
                return
            time.sleep(0.05)
        raise AssertionError(f'{expression} is {value!r}, not {expected!r}')

    def open(self, path, fragment=''):
        # A page of the same file with another fragment would not be loaded anew.
        self.call('Page.navigate', url='about:blank')
        self.call('Page.navigate', url=pathlib.Path(path).resolve().as_uri() + fragment)
        self.wait_for('location.protocol === "file:" && document.readyState === "complete" && typeof follow === "function"')

    def click(self, selector):
        """With the mouse, in the middle of the first such element."""
        box = self.value(f'(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect(); '
                         'return [box.x + box.width / 2, box.y + box.height / 2]; })()')
        self.click_at(*box)

    def click_at(self, x, y):
        for kind in ('mouseMoved', 'mousePressed', 'mouseReleased'):
            self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)

    def key(self, key, text=''):
        self.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=text)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key)

    def type(self, text):
        self.call('Input.insertText', text=text)

    def close(self):
        self.session = None
        self.call('Browser.close')
        self.process.wait(ANSWER)


COUNT = 'document.querySelector("#count")?.textContent'
ROWS = '[...document.querySelectorAll("#task-list .row")].map((row) => row.dataset.task).join(" ")'
TITLE = 'document.querySelector("#details h2")?.textContent'


def small(browser, path):
    browser.open(path)
    # Findings come first: seven kinds, and two hints.
    browser.wait_for('document.querySelectorAll(".card").length', 9)
    browser.wait_for('document.querySelector(\'[data-kind="never-returned"] .place\').textContent', 'program+0x1400')
    browser.click('[data-tab="tasks"]')
    browser.wait_for(COUNT, '7 tasks')
    browser.wait_for(ROWS, '1 2 3 4 5 6 7')
    # Sorted by the total, the longest first; then the other way round; then by name.
    browser.click('[data-sort="total"]')
    browser.wait_for(ROWS, '5 6 1 4 2 3 7')
    browser.click('[data-sort="total"]')
    browser.wait_for(ROWS, '7 3 2 4 1 6 5')
    browser.click('[data-sort="name"]')
    browser.wait_for(ROWS, '6 1 4 2 3 5 7')
    browser.wait_for('document.querySelector(\'[data-sort="name"]\').ariaSort', 'ascending')
    # The search, by the keyboard: a name, a state, an error, a number.
    browser.key('/')
    browser.wait_for('document.activeElement.id', 'search')
    for text, found in ('deaf', '6'), ('never returned', '4'), ('no such file', '2'), ('#3', '3'), ('nonsense', ''):
        browser.value('search.field.value = ""; search.field.focus()')
        browser.type(text)
        browser.wait_for(ROWS, found)
    browser.key('Escape')
    browser.wait_for(COUNT, '7 tasks')
    # A row is clicked: its task is shown, and named by the address.
    browser.click('[data-task="1"] .name')
    browser.wait_for(TITLE, '#1 load')
    browser.wait_for('location.hash', '#task-1')
    browser.wait_for('[...document.querySelectorAll("#details .parts td:nth-child(2)")].map((cell) => cell.textContent).join()',
                     '10.0 ms,10.0 ms,40.0 ms,20.0 ms,30.0 ms')
    browser.click('#details li a')
    browser.wait_for(TITLE, '#2 parse')
    browser.key('Escape')
    browser.wait_for('document.querySelector("#details").hidden')
    # The function of task 6, from 501 to 2,600 ms, is clicked in its lane.
    browser.value('timeline.all()')
    lane = browser.value('(() => { const lane = LANES.find((other) => other.kind === "worker"); '
                         'const box = document.querySelector("#lanes").getBoundingClientRect(); '
                         'const [from, to] = timeline.view(), at = 1.5e9; '
                         'return [box.x + 150 + (at - from) / (to - from) * (box.width - 150), box.y + lane.top + 8]; })()')
    browser.click_at(*lane)
    browser.wait_for(TITLE, '#6 deaf')
    # Zoomed by the keyboard, moved, and all again.
    before = browser.value('timeline.view()')
    browser.key('+')
    browser.wait_for(f'timeline.view()[1] - timeline.view()[0] < {before[1] - before[0]}')
    browser.key('0')
    browser.wait_for('JSON.stringify(timeline.view())', json.dumps(before, separators=(',', ':')))
    # The other tabs.
    browser.key('Escape')
    browser.key('3')
    browser.wait_for('document.querySelectorAll(".names tbody tr").length', 7)
    browser.key('4')
    browser.wait_for('[...document.querySelectorAll(".tree .row")].map((row) => row.dataset.task).join(" ")', '1 2 3')
    browser.click('.tree .toggle')
    browser.wait_for('document.querySelectorAll(".tree .row").length', 1)
    browser.key('5')
    browser.wait_for('document.querySelectorAll(".card").length', 1)
    browser.key('6')
    browser.wait_for('document.querySelectorAll(".card").length', 2)
    # Light and dark.
    colour = browser.value('getComputedStyle(document.body).backgroundColor')
    browser.key('d')
    browser.wait_for(f'getComputedStyle(document.body).backgroundColor !== "{colour}"')
    # A link to a task, and paper.
    browser.open(path, '#task-4')
    browser.wait_for(TITLE, '#4 lost')
    browser.open(path, '#findings')
    if len(browser.call('Page.printToPDF')['data']) < 10000:
        raise AssertionError('the printed page is empty')


def large(browser, path, tasks):
    start = time.monotonic()
    browser.open(path, '#tasks')
    browser.wait_for(COUNT, f'{tasks:,} tasks')
    print(f'opened in {time.monotonic() - start:.1f} s')
    if browser.value('document.querySelectorAll("*").length') > 3000:
        raise AssertionError('the table is not virtual')
    browser.value('const list = document.querySelector("#task-list"); list.scrollTop = list.scrollHeight')
    browser.wait_for(f'document.querySelector(\'#task-list [data-task="{tasks}"]\') !== null')
    browser.value('timeline.zoom(0.001)')
    # How long a picture takes: the screen wants one in 16 ms, a loaded machine gets more.
    took = browser.value('''(async () => {
        const start = performance.now();
        for (let step = 0; step < 10; step++) {
          timeline.move(0.1);
          list.scrollTop -= 1000;
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        }
        return (performance.now() - start) / 10;
      })()''')
    print(f'{took:.0f} ms for a picture while it scrolls')
    if took > 250:
        raise AssertionError('scrolling is slow')


def main():
    program = shutil.which('chromium') or shutil.which('google-chrome')
    if not program:
        print('no Chromium is here')
        sys.exit(77)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            small(browser, sys.argv[1])
            if len(sys.argv) > 2:
                large(browser, sys.argv[2], int(sys.argv[3]))
            if browser.troubles:
                raise AssertionError('\n'.join(browser.troubles))
        finally:
            browser.close()
    print('all as it should be')


if __name__ == '__main__':
    main()
