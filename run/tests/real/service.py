"""The application of gapplication.sh: it prints what it is asked for."""
import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402


def say(*words):
    print(*words, flush=True)


application = Gio.Application(application_id='org.example.Run', flags=Gio.ApplicationFlags.HANDLES_OPEN)
greet = Gio.SimpleAction.new('greet', GLib.VariantType.new('s'))
greet.connect('activate', lambda action, parameter: say('greet', parameter.get_string()))
leave = Gio.SimpleAction.new('quit', None)
leave.connect('activate', lambda *_: application.quit())
application.add_action(greet)
application.add_action(leave)
application.connect('activate', lambda _: say('activate'))
application.connect('open', lambda _, files, *__: say('open', *(file.get_path() for file in files)))
application.hold()
raise SystemExit(application.run(['service', '--gapplication-service']))
