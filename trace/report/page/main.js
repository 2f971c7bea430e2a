/* Puts the page together: head, tabs, keys, and what the address names. */

const TABS = [
  ["findings", "Findings", DATA.findings.filter((finding) => !finding.hint).length],
  ["tasks", "Tasks", DATA.tasks],
  ["names", "Names", DATA.labels.length],
  ["tree", "Tree", null],
  ["errors", "Errors", TASKS.error.reduce((sum, error) => sum + (error ? 1 : 0), 0)],
  ["cancellables", "Cancellables", DATA.allCancellables],
];
let tab = "", chosen = -1;
const panel = document.getElementById("panel");

function openTab(name) {
  if (tab !== name) {
    tab = name;
    panel.replaceChildren();
    panel.dataset.tab = name;
    if (name === "tasks") taskTable.open(panel);
    else panels[name](panel);
  }
  for (const button of document.getElementById("tabs").children) {
    button.setAttribute("aria-selected", button.dataset.tab === name);
  }
}

/* The tasks in which this text is found. */
function showTasks(text) {
  search.field.value = text;
  search.read();
  tab = "";
  location.hash = "tasks";
  openTab("tasks");
  timeline.want();
}

function choose(task) {
  chosen = task >= 0 && task < DATA.tasks ? task : -1;
  showDetails(chosen);
  timeline.choose(chosen);
  taskTable.chosen = chosen;
  if (tab === "tasks") taskTable.choose(chosen);
  if (chosen < 0 && location.hash.startsWith("#task-")) history.replaceState(null, "", `#${tab}`);
}

/* #task-12, or the name of a tab. */
function follow() {
  const name = location.hash.slice(1), task = /^task-(\d+)$/.exec(name);
  if (task) {
    if (!tab) openTab("tasks");
    choose(Number(task[1]) - 1);
  } else {
    openTab(TABS.some(([known]) => known === name) ? name : tab || (DATA.findings.length ? "findings" : "tasks"));
  }
}

function head() {
  const [first, ...others] = DATA.processes;
  document.getElementById("command").textContent = first ? first.command : "an empty trace";
  document.title = `${first ? first.command.split(" ")[0].split("/").pop() : ""} – asyncresult-trace`;
  if (!first) return;
  const lost = DATA.processes.reduce((sum, process) => sum + process.lost, 0);
  const over = DATA.processes.reduce((sum, process) => sum + process.overwritten, 0);
  const facts = [
    first.date.replace("T", " ").replace("Z", " UTC"),
    `process ${first.pid}${others.length ? ` and ${count(others.length, "other")}` : ""}`,
    `libasyncresult ${first.library}, GLib ${first.glib}`,
    duration(DATA.span),
    count(DATA.events, "event"),
    lost ? `${number(lost)} events lost` : "none lost",
  ];
  if (over) facts.push(`the oldest were written over: ${count(over, "chunk")}`);
  if (DATA.refused) facts.push(`${count(DATA.refused, "worker")} refused`);
  if (!first.exited) facts.push("it did not end by exit()");
  document.getElementById("facts").append(...facts.map((fact) => make("span", {}, fact)));
}

const KEYS = [
  ["← →  + −  0", "move and zoom the timeline, show all"], ["wheel, drag, double click", "the same with a mouse (ctrl and wheel zoom)"],
  ["1 … 6", "the tabs"], ["/", "search"], ["↑ ↓", "the next task of the table"], ["Esc", "close the task, clear the search"],
  ["d", "light or dark"], ["?", "these keys"],
];

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const dialog = document.getElementById("keys"), isTyping = event.target.matches("input");
  if (event.key === "Escape") {
    if (dialog.open) return;
    if (chosen >= 0) choose(-1);
    else if (search.field.value) setSearch("");
    search.field.blur();
    return;
  }
  if (isTyping) return;
  const isInList = event.target.closest(".list, #panel");
  const actions = {
    "/": () => search.field.focus(), "?": () => dialog.showModal(), d: toggleTheme, 0: timeline.all,
    "+": () => timeline.zoom(0.7), "=": () => timeline.zoom(0.7), "-": () => timeline.zoom(1.4),
    ArrowLeft: () => timeline.move(-0.15), ArrowRight: () => timeline.move(0.15),
  };
  const wanted = TABS[Number(event.key) - 1];
  if (wanted) location.hash = wanted[0];
  else if (actions[event.key]) actions[event.key]();
  else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && tab === "tasks" && !isInList) taskTable.key(event);
  else return;
  event.preventDefault();
}

/* Reads the search, and tells who shows what is found. */
function setSearch(text) {
  if (text !== undefined) search.field.value = text;
  search.read();
  if (search.isActive() && tab !== "tasks") location.hash = "tasks";
  if (tab === "tasks") taskTable.refresh();
  timeline.want();
}

function toggleTheme() {
  const isDark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
  document.documentElement.dataset.theme = isDark ? "light" : "dark";
  timeline.recolour();
}

/* The line below the timeline says how tall that is. */
function splitter() {
  const line = document.getElementById("splitter"), holder = document.getElementById("timeline");
  const set = (height) => { holder.style.height = `${Math.min(Math.max(height, 60), innerHeight * 0.75)}px`; };
  set(Math.min(timeline.total + 6, innerHeight * 0.42));
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    const start = event.clientY - holder.clientHeight;
    const move = (moved) => set(moved.clientY - start);
    line.addEventListener("pointermove", move);
    line.addEventListener("pointerup", () => line.removeEventListener("pointermove", move), { once: true });
  });
  line.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -20, ArrowDown: 20 }[event.key];
    if (!step) return;
    set(holder.clientHeight + step);
    event.preventDefault();
    event.stopPropagation();
  });
}

head();
for (const [name, title, many] of TABS) {
  const button = make("button", {
    type: "button", role: "tab", "data-tab": name, onclick: () => { location.hash = name; follow(); },
  }, title);
  if (many !== null) button.append(" ", make("small", {}, number(many)));
  document.getElementById("tabs").append(button);
}
document.getElementById("keys").append(make("h2", {}, "Keys"),
  make("dl", {}, ...KEYS.flatMap(([keys, what]) => [make("dt", {}, keys), make("dd", {}, what)])),
  make("form", { method: "dialog" }, make("button", {}, "Close")));
document.getElementById("theme").addEventListener("click", toggleTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", timeline.recolour);
addEventListener("keydown", key);
addEventListener("hashchange", follow);
let searching;
search.field.addEventListener("input", () => { clearTimeout(searching); searching = setTimeout(setSearch, 120); });
search.inView.addEventListener("change", () => setSearch());
timeline.onMove.push(() => {
  if (!search.inView.checked || tab !== "tasks") return;
  clearTimeout(searching);
  searching = setTimeout(() => taskTable.refresh(), 120);
});
splitter();
timeline.recolour();
follow();
