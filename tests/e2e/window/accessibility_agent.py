"""Reads and presses the controls of another program through AT-SPI, as a screen reader does.

Runs under the distribution's own Python, which has the bindings; imports nothing of the program and nothing of the tests.
Each line on stdin is a request, each line on stdout its answer, both JSON. A control is named by its objectName, the last
part of its accessible id.
"""

import json
import os
import sys
import time

import gi  # type: ignore[import-not-found,unused-ignore]

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # type: ignore[import-not-found,unused-ignore] # noqa: E402

STATES = {
    "showing": Atspi.StateType.SHOWING,
    "enabled": Atspi.StateType.ENABLED,
    "checked": Atspi.StateType.CHECKED,
    "selected": Atspi.StateType.SELECTED,
    "focused": Atspi.StateType.FOCUSED,
    "active": Atspi.StateType.ACTIVE,
}
ACTING = {
    "push button", "button", "toggle button", "check box", "radio button", "combo box", "slider", "page tab", "table", "list",
    "tree", "text", "entry", "password text", "spin button",
}  # fmt: skip
LEAVES = {"table", "list", "tree"}
"""Their cells are many and are asked for on purpose only."""


class GoneError(Exception):
    """The control is not on the screen (any more)."""


class Agent:
    """Answers requests about one program, found by its process id."""

    def __init__(self):
        self._pid = 0
        self._known = {}
        self._newest = None
        self._heard = []
        self._listener = None

    def wake_accessibility(self):
        """Tell programs that somebody reads along; the address of the session bus on which they are told."""
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        enabled = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
        bus.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set",
            enabled, None, Gio.DBusCallFlags.NONE, 10_000, None,
        )  # fmt: skip
        return os.environ["DBUS_SESSION_BUS_ADDRESS"]

    def use(self, pid):
        """All requests from now on are about this process; says whether it is on the accessibility bus."""
        self._pid, self._known = pid, {}
        return self._program() is not None

    def control(self, name):
        return describe(self._find(name))

    def has(self, name):
        try:
            self._find(name)
        except GoneError:
            return False
        return True

    def windows(self):
        return [describe(window) for window in self._windows()]

    def press(self, name, item=None):
        """The control's first action; `item`: that of its part with this name (a tab, a row)."""
        node = self._find(name)
        if item is not None:
            node = self._part(node, item)
        Atspi.Action.do_action(node, 0)

    def parts(self, name):
        """The items of a list, the tabs of a set of pages, or what a combo box offers while it is open."""
        node = self._find(name)
        if node.get_role_name() == "combo box":
            holders = [child for child in children(node) if child.get_role_name() == "list" and shows(child)]
        else:
            holders = [child for child in children(node) if child.get_role_name() == "page tab list"] or [node]
        return [describe(item, seen_part(holder)) for holder in holders for item in children(holder)]

    def rows(self, name, most):
        """The texts of a table: its headers and at most so many rows, from the top; `count` is how many it has."""
        table = self._find(name)
        columns, count = Atspi.Table.get_n_columns(table), Atspi.Table.get_n_rows(table)
        headers = [Atspi.Table.get_column_description(table, column) for column in range(columns)]
        cells = [
            [name_of(Atspi.Table.get_accessible_at(table, row, column)) for column in range(columns)]
            for row in range(min(most, count))
        ]
        return {"headers": headers, "rows": cells, "count": count}

    def cell(self, name, row, column):
        found = Atspi.Table.get_accessible_at(self._find(name), row, column)
        if found is None:
            raise GoneError(f"row {row}, column {column} of {name}")
        return describe(found)

    def round_trips(self, name, seconds, pause):
        """How long the program took to answer, again and again: milliseconds. Its GUI thread gives the answers."""
        node = self._find(name)
        took, end = [], time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            node.get_name()
            took.append(round((time.monotonic() - begun) * 1000, 2))
            time.sleep(pause)
        return took

    def tree(self):
        """Everything that shows, for a person to read when a test failed."""
        lines: list[str] = []
        for window in self._windows():
            write_tree(window, 0, lines)
        return "\n".join(lines)

    def nameless(self):
        """Of the newest window: how many controls show that can be acted on, and those of them that have no name."""
        controls = [node for window in self._windows()[:1] for node in acting(window)]
        return {
            "count": len(controls),
            "nameless": [f"{n.get_role_name()} {id_of(n)}" for n in controls if not n.get_name()],
        }

    def listen(self):
        """From now on what the program announces is kept, for `heard`."""
        self._listener = Atspi.EventListener.new(self._hear)
        self._listener.register("object:announcement")

    def heard(self):
        """What was announced, oldest first: the words and the id of what they stand in."""
        context = GLib.MainContext.default()
        while context.pending():
            context.iteration(False)
        return self._heard

    def _hear(self, event):
        self._heard.append({"words": str(event.any_data), "id": id_of(event.source)})

    def states(self, name):
        """Every state of the control, by AT-SPI's words."""
        return sorted(state.value_nick for state in self._find(name).get_state_set().get_states())

    def relations(self, name):
        """The names of what the control is related to, by the kind of relation."""
        found = {}
        for relation in self._find(name).get_relation_set():
            targets = [relation.get_target(number) for number in range(relation.get_n_targets())]
            found[relation.get_relation_type().value_nick] = [name_of(target) for target in targets]
        return found

    def value(self, name):
        """Of a slider: the least, the present and the largest value."""
        node = self._find(name)
        return [
            Atspi.Value.get_minimum_value(node),
            Atspi.Value.get_current_value(node),
            Atspi.Value.get_maximum_value(node),
        ]

    def focus(self, name):
        """Give the control the keyboard."""
        Atspi.Component.grab_focus(self._find(name))

    def has_focus(self):
        """The id of the control with the keyboard; "" where none has it."""
        return next((id_of(node) for window in self._windows() for node in focused(window)), "")

    def _program(self):
        desktop = Atspi.get_desktop(0)
        for program in children(desktop):
            if program.get_process_id() == self._pid:
                # Without a main loop nobody would tell a cache what changed.
                program.set_cache_mask(Atspi.Cache.NONE)
                return program
        return None

    def _windows(self):
        """Those that show; the one that was opened last comes first."""
        program = self._program()
        return [window for window in reversed(children(program)) if shows(window)] if program is not None else []

    def _find(self, name):
        windows = self._windows()
        if windows[:1] != self._newest:
            # A dialog has come or gone: a control of the same name may stand in it.
            self._known, self._newest = {}, windows[:1]
        known = self._known.get(name)
        if known is not None and is_named(known, name) and shows(known):
            return known
        for window in windows:
            found = search(window, name)
            if found is not None:
                self._known[name] = found
                return found
        raise GoneError(name)

    def _part(self, node, item):
        for child in children(node):
            if child.get_name() == item:
                return child
        raise GoneError(f"{item} in {id_of(node)}")


def children(node):
    found = (node.get_child_at_index(number) for number in range(node.get_child_count()))
    return [child for child in found if child is not None]


def has_state(node, state):
    return node.get_state_set().contains(state)


def shows(node):
    try:
        return has_state(node, Atspi.StateType.SHOWING)
    except GLib.Error:
        return False


def id_of(node):
    return (node.get_accessible_id() or "").rpartition(".")[2]


def focused(node):
    """What has the keyboard, below a window that shows."""
    if not shows(node):
        return []
    if has_state(node, Atspi.StateType.FOCUSED):
        return [node]
    if node.get_role_name() in LEAVES:
        return []
    return [found for child in children(node) for found in focused(child)]


def is_named(node, name):
    try:
        return id_of(node) == name
    except GLib.Error:
        return False


def name_of(node):
    return "" if node is None else node.get_name() or ""


def search(node, name):
    """The first showing control with this id, from the top; parts of a list bear the id of the list itself."""
    if not shows(node):
        return None
    if is_named(node, name):
        return node
    if node.get_role_name() in LEAVES:
        return None
    for child in children(node):
        found = search(child, name)
        if found is not None:
            return found
    return None


def bounds(node):
    box = Atspi.Component.get_extents(node, Atspi.CoordType.SCREEN)
    return [box.x, box.y, box.width, box.height]


def seen_part(node):
    """The part of the control that no scrolled area cuts off: x, y, width, height on the screen."""
    seen, parent = bounds(node), node.get_parent()
    while parent is not None and parent.get_role_name() not in {"application", "desktop frame"}:
        seen, parent = common_part(seen, bounds(parent)), parent.get_parent()
    return seen


def common_part(box, holder):
    """Of two boxes; a holder without a size of its own cuts nothing off."""
    (x, y, width, height), (left, top, wide, high) = box, holder
    if wide <= 0 or high <= 0:
        return box
    right, bottom = min(x + width, left + wide), min(y + height, top + high)
    x, y = max(x, left), max(y, top)
    return [x, y, max(0, right - x), max(0, bottom - y)]


def text_of(node):
    return Atspi.Text.get_text(node, 0, -1) if "Text" in node.get_interfaces() else ""


def describe(node, holder_seen=None):
    """What the tests are told; `holder_seen`: the seen part of what it lies in, where that is known already."""
    states = node.get_state_set()
    box = bounds(node)
    return {
        "id": id_of(node),
        "role": node.get_role_name(),
        "name": node.get_name() or "",
        "text": text_of(node),
        "description": node.get_description() or "",
        "bounds": box,
        "seen": seen_part(node) if holder_seen is None else common_part(box, holder_seen),
        **{word: states.contains(state) for word, state in STATES.items()},
    }


def acting(node):
    """The controls below that show and can be acted on; cells and parts of lists are read where they are wanted."""
    if not shows(node):
        return []
    role = node.get_role_name()
    mine = [node] if role in ACTING else []
    if role in LEAVES or role == "combo box":
        return mine
    return mine + [found for child in children(node) for found in acting(child)]


def write_tree(node, depth, lines):
    if not shows(node):
        return
    about = describe(node)
    marks = " ".join(word for word in STATES if about[word] and word != "showing")
    said = f"{about['role']} {about['id']} {about['name']!r}"
    more = f" text {about['text']!r}" if about["text"] else ""
    more += f" ({about['description']!r})" if about["description"] else ""
    lines.append(f"{'  ' * depth}{said}{more} {about['bounds']} {marks}")
    if about["role"] == "table" and node.get_child_count() > 400:
        return
    for child in children(node):
        write_tree(child, depth + 1, lines)


def main():
    agent = Agent()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": getattr(agent, request.pop("do"))(**request)}
        except GoneError as gone:
            answer = {"gone": str(gone)}
        except GLib.Error as error:
            # The control, its window or the program went away while it was being asked.
            answer = {"gone": f"({error.message})"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
