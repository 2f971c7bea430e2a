/* Which tasks are looked for, and the table of them. */

const search = (() => {
  const field = document.getElementById("search"), inView = document.querySelector("#in-view input");
  let words = [], single = -1;

  /* For each text of a list, whether a word is in it: there are far fewer texts than tasks. */
  function matchersOf(word) {
    const marks = (texts) => Uint8Array.from(texts, (text) => text.toLowerCase().includes(word) ? 1 : 0);
    const threads = DATA.threads.map(threadName);
    return {
      label: marks(DATA.labels),
      place: marks(DATA.places),
      state: marks(DATA.states),
      error: marks(DATA.errors.map((error) => `${error[0]} ${error[1]}: ${error[2]}`)),
      worker: marks(threads),
      type: marks(DATA.types),
    };
  }
  const hit = (found, task) => found.label[TASKS.label[task] - 1] || found.place[TASKS.place[task] - 1] ||
    found.state[TASKS.state[task]] || found.error[TASKS.error[task] - 1] || found.worker[TASKS.worker[task] - 1] ||
    found.type[TASKS.type[task] - 1];

  const matches = (task) => single >= 0 ? task === single : words.every((found) => hit(found, task));
  return {
    field,
    inView,
    isActive: () => single >= 0 || words.length > 0,
    matches,
    read() {
      const text = field.value.trim().toLowerCase(), exact = /^#(\d+)$/.exec(text);
      single = exact ? Number(exact[1]) - 1 : -1;
      words = exact ? [] : text.split(/\s+/).filter(Boolean).map(matchersOf);
    },
    /* The positions of all tasks that are looked for. */
    tasks() {
      const found = new Uint32Array(DATA.tasks);
      let many = 0;
      const onlyInView = inView.checked, isAll = !words.length && single < 0;
      for (let task = 0; task < DATA.tasks; task++) {
        if ((isAll || matches(task)) && (!onlyInView || timeline.isInView(task))) found[many++] = task;
      }
      return found.subarray(0, many);
    },
  };
})();

const COLUMNS = [
  { key: "number", title: "#", value: (task) => task, narrow: true },
  { key: "state", title: "State", value: (task) => stateOf(task), isText: true },
  { key: "name", title: "Name", value: (task) => labelOf(task), isText: true },
  { key: "total", title: "Total", value: (task) => TASKS.total[task] },
  { key: "waiting", title: "Waiting", value: (task) => TASKS.allWaiting[task] },
  { key: "queue", title: "Queue", value: (task) => TASKS.queue[task] },
  { key: "running", title: "Running", value: (task) => TASKS.running[task] },
  { key: "delivery", title: "Delivery", value: (task) => TASKS.delivery[task] },
  { key: "callback", title: "Callback", value: (task) => TASKS.callback[task] },
  { key: "place", title: "Where made", value: (task) => placeOf(task), isText: true },
];

/* Sorted by a column. Texts are compared once, and then their places in the order. */
function sorted(tasks, column, isDown) {
  const keys = new Float64Array(DATA.tasks);
  if (column.isText) {
    const ranks = new Map();
    for (const task of tasks) ranks.set(column.value(task), 0);
    [...ranks.keys()].sort((one, other) => one < other ? -1 : 1).forEach((text, rank) => ranks.set(text, rank));
    for (const task of tasks) keys[task] = ranks.get(column.value(task));
  } else {
    for (const task of tasks) keys[task] = column.value(task);
  }
  const sign = isDown ? -1 : 1;
  return Uint32Array.from(tasks).sort((one, other) => sign * (keys[one] - keys[other]) || one - other);
}

const taskTable = {
  sort: "number",
  isDown: false,
  chosen: -1,

  open(panel) {
    this.head = make("div", { class: "head row", role: "row" });
    for (const column of COLUMNS) {
      const button = make("button", {
        type: "button", class: `cell ${column.key}`, "data-sort": column.key, onclick: () => this.sortBy(column),
      }, column.title);
      this.head.append(button);
    }
    this.count = make("p", { class: "count", id: "count", "aria-live": "polite" });
    const holder = make("div", { class: "list", tabindex: "0", role: "table", id: "task-list" });
    holder.addEventListener("keydown", (event) => this.key(event));
    panel.append(this.count, this.head, holder);
    this.list = new VirtualList(holder, 24, (index) => this.row(this.tasks[index]));
    this.refresh();
  },

  sortBy(column) {
    // Times are wanted with the greatest first.
    this.isDown = this.sort === column.key ? !this.isDown : !column.isText && column.key !== "number";
    this.sort = column.key;
    this.refresh();
  },

  refresh() {
    const column = COLUMNS.find((other) => other.key === this.sort);
    this.tasks = sorted(search.tasks(), column, this.isDown);
    for (const button of this.head.children) {
      const isIt = button.dataset.sort === this.sort;
      button.setAttribute("aria-sort", isIt ? this.isDown ? "descending" : "ascending" : "none");
    }
    const all = number(DATA.tasks);
    this.count.textContent = this.tasks.length === DATA.tasks ? count(DATA.tasks, "task") : `${number(this.tasks.length)} of ${all} tasks`;
    this.list.show(this.tasks.length);
  },

  row(task) {
    const time = (part) => TASKS[part][task] ? duration(TASKS[part][task]) : "";
    const row = make("div", {
      class: `row${task === this.chosen ? " chosen" : ""}`, role: "row", "data-task": task + 1,
      onclick: () => { location.hash = `task-${task + 1}`; },
    });
    const cell = (key, ...content) => row.append(make("span", { class: `cell ${key}` }, ...content));
    cell("number", linkToTask(task));
    cell("state", make("span", { class: `pill s${TASKS.state[task]}` }, stateOf(task)));
    cell("name", labelOf(task));
    cell("total", phaseBar(task, 54), make("b", {}, `${duration(TASKS.total[task])}${hasFlag(task, FLAGS.open) ? "…" : ""}`));
    cell("waiting", time("allWaiting"));
    for (const part of ["queue", "running", "delivery", "callback"]) cell(part, time(part));
    cell("place", place(placeOf(task), "span"));
    return row;
  },

  choose(task) {
    this.chosen = task;
    const at = task < 0 ? -1 : this.tasks.indexOf(task);
    if (at >= 0) this.list.reveal(at);
    this.list.draw();
  },

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
    if (!step || !this.tasks.length) return;
    event.preventDefault();
    const at = Math.min(Math.max(this.tasks.indexOf(this.chosen) + step, 0), this.tasks.length - 1);
    location.hash = `task-${this.tasks[at] + 1}`;
  },
};
