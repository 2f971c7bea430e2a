"""load.py FOLDER HOW_MANY AT_ONCE: loads files of the folder, which are called 0 to 999, from Python."""
import sys

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

FILES = 1000

folder = Gio.File.new_for_path(sys.argv[1])
how_many, at_once = map(int, sys.argv[2:])
loop = GLib.MainLoop()
started = finished = 0


def start():
    global started
    folder.get_child(str(started % FILES)).load_contents_async(None, loaded)
    started += 1


def loaded(file, result):
    global finished
    done, contents, _ = file.load_contents_finish(result)
    if not done or not contents:
        sys.exit(f'{file.get_path()} is empty')
    finished += 1
    if finished == how_many:
        loop.quit()
    elif started < how_many:
        start()


for _ in range(min(at_once, how_many)):
    start()
loop.run()
