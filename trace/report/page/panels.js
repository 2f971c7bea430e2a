/* What the tabs show beside the table of tasks: findings, names, tree, errors, cancellables. */

const panels = {
  findings(panel) {
    if (!DATA.findings.length) {
      panel.append(make("p", { class: "nothing" }, "Nothing is pointed out."));
      return;
    }
    const kinds = new Map();
    for (const finding of DATA.findings) {
      if (!kinds.has(finding.kind)) kinds.set(finding.kind, []);
      kinds.get(finding.kind).push(finding);
    }
    const list = make("div", { class: "findings" });
    for (const [kind, those] of kinds) {
      const { title, advice, hint } = those[0];
      const all = those.reduce((sum, finding) => sum + finding.count, 0);
      const card = make("section", { class: hint ? "card hint" : "card", "data-kind": kind });
      card.append(make("h3", {}, make("span", { class: "many" }, number(all)), ` ${title}`, make("code", {}, kind)));
      card.append(make("p", { class: "advice" }, advice));
      those.slice(0, 50).forEach((finding) => card.append(this.finding(finding)));
      if (those.length > 50) card.append(make("p", { class: "more" }, `and ${number(those.length - 50)} more`));
      list.append(card);
    }
    panel.append(list);
  },

  finding(finding) {
    const times = finding.count > 1 ? `${number(finding.count)} × ` : "";
    const entry = make("div", { class: "finding" }, make("p", {}, times, make("b", {}, finding.text)));
    if (finding.place) entry.append(place(finding.place));
    for (const detail of finding.details) entry.append(make("p", { class: "detail", title: detail }, shortPlace(detail)));
    const links = make("p", { class: "links" });
    finding.tasks.slice(0, 12).forEach((task) => links.append(linkToTask(task - 1), " "));
    if (finding.all > 12) links.append(`and ${number(finding.all - 12)} more`);
    if (finding.tasks.length) entry.append(links);
    return entry;
  },

  /* The tasks of each name, with percentiles. Behind a click are its tasks. */
  names(panel) {
    const groups = new Map();
    for (let task = 0; task < DATA.tasks; task++) {
      const group = groups.get(TASKS.label[task]);
      if (group) group.push(task);
      else groups.set(TASKS.label[task], [task]);
    }
    const at = (values, percent) => values[Math.max(0, Math.ceil(values.length * percent / 100) - 1)];
    const of = (tasks, column) => Float64Array.from(tasks, (task) => TASKS[column][task]).sort();
    const rows = [...groups].map(([label, tasks]) => {
      const totals = of(tasks, "total");
      const failed = tasks.reduce((sum, task) => sum + (TASKS.error[task] ? 1 : 0), 0);
      const medians = ["queue", "running", "delivery", "callback"].map((column) => at(of(tasks, column), 50));
      const spread = [50, 90, 99, 100].map((percent) => at(totals, percent));
      const sum = totals.reduce((one, other) => one + other, 0);
      return { name: DATA.labels[label - 1], many: tasks.length, failed, sum, spread, medians, totals };
    });
    rows.sort((one, other) => other.sum - one.sum);
    const titles = ["Name", "Tasks", "Failed", "Sum", "p50", "p90", "p99", "Max", "Total, logarithmic", "Queue", "Running", "Delivery", "Callback"];
    const table = make("table", { class: "names" }, make("caption", {}, "The last four: the median of each phase."));
    table.append(make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", {}, title)))));
    const body = make("tbody");
    for (const row of rows.slice(0, 500)) {
      const look = () => showTasks(row.name);
      const cells = [
        make("a", { href: "#tasks", onclick: (event) => { event.preventDefault(); look(); } }, row.name),
        number(row.many), row.failed ? number(row.failed) : "", duration(row.sum), ...row.spread.map(duration),
        histogram(row.totals), ...row.medians.map((median) => median ? duration(median) : ""),
      ];
      body.append(make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
    }
    table.append(body);
    panel.append(make("div", { class: "scroll" }, table));
    if (rows.length > 500) panel.append(make("p", { class: "more" }, `and ${number(rows.length - 500)} more names`));
  },

  /* Who made whom. Only what is open has rows. */
  tree(panel) {
    const open = new Set(), roots = [];
    for (let task = 0; task < DATA.tasks; task++) {
      if (TASKS.parent[task] < 0 && childrenOf(task).length) roots.push(task);
    }
    const alone = TASKS.parent.reduce((sum, parent) => sum + (parent < 0 ? 1 : 0), 0) - roots.length;
    panel.append(make("p", { class: "count" },
      `A task stands below the one in whose callback or function it was made. ${count(roots.length, "root")}; ` +
      `${count(alone, "task")} without parent or child ${alone === 1 ? "is" : "are"} not shown.`));
    let rows = [];
    const holder = make("div", { class: "list tree", tabindex: "0" });
    panel.append(holder);
    const list = new VirtualList(holder, 24, (index) => {
      const [task, depth] = rows[index], children = childrenOf(task).length;
      const toggle = make("button", {
        type: "button", class: "toggle", "aria-expanded": open.has(task), disabled: !children,
        onclick: () => { if (!open.delete(task)) open.add(task); refresh(); },
      }, children ? open.has(task) ? "▾" : "▸" : "");
      const row = make("div", { class: "row", "data-task": task + 1, style: `padding-left:${Math.min(depth, 30) * 18 + 8}px` });
      row.append(toggle, linkToTask(task), ` ${labelOf(task)} `, phaseBar(task, 60), ` ${duration(TASKS.total[task])} `);
      if (children) row.append(make("small", {}, count(children, "child").replace("childs", "children")));
      return row;
    });
    const refresh = () => {
      rows = [];
      const stack = roots.map((task) => [task, 0]).reverse();
      while (stack.length) {
        const [task, depth] = stack.pop();
        rows.push([task, depth]);
        if (open.has(task)) for (const child of [...childrenOf(task)].reverse()) stack.push([child, depth + 1]);
      }
      list.show(rows.length);
    };
    // What is small is open from the beginning.
    if (DATA.tasks < 2000) for (let task = 0; task < DATA.tasks; task++) if (childrenOf(task).length) open.add(task);
    refresh();
  },

  errors(panel) {
    const kinds = new Map();
    for (let task = 0; task < DATA.tasks; task++) {
      const error = DATA.errors[TASKS.error[task] - 1];
      if (!error) continue;
      const key = `${error[0]} ${error[1]}`;
      const kind = kinds.get(key) || { key, message: error[2], tasks: [] };
      kinds.set(key, kind);
      kind.tasks.push(task);
    }
    if (!kinds.size) panel.append(make("p", { class: "nothing" }, "No task failed."));
    const list = make("div", { class: "findings" });
    for (const kind of [...kinds.values()].sort((one, other) => other.tasks.length - one.tasks.length)) {
      const links = make("p", { class: "links" });
      kind.tasks.slice(0, 12).forEach((task) => links.append(linkToTask(task), " "));
      if (kind.tasks.length > 12) {
        links.append(make("a", { href: "#tasks", onclick: (event) => { event.preventDefault(); showTasks(kind.key); } }, "all"));
      }
      list.append(make("section", { class: "card hint" },
        make("h3", {}, make("span", { class: "many" }, number(kind.tasks.length)), ` ${kind.key}`),
        make("p", { class: "place" }, kind.message), links));
    }
    panel.append(list);
  },

  cancellables(panel) {
    const list = make("div", { class: "findings" });
    for (const one of DATA.cancellables) {
      const card = make("section", { class: "card hint" }, make("h3", {}, `Cancellable ${one.number}`));
      const say = (text) => card.append(make("p", { class: "detail" }, text));
      if (one.by) card.append(make("p", { class: "place" }, `made by ${one.by}`));
      say(`${count(one.handlers, "handler")} at the end, at most ${number(one.most)}, ${number(one.connected)} connected in all` +
        `${one.resets ? `; reset ${count(one.resets, "time")}` : ""}${one.alive ? "" : "; freed"}`);
      for (const [time, took, thread, handlers] of one.cancels) {
        say(`cancelled after ${duration(time)} by ${threadName(DATA.threads[thread])}: ${count(handlers, "handler")}, ${duration(took)}`);
      }
      list.append(card);
    }
    const missing = DATA.allCancellables - DATA.cancellables.length;
    if (missing) list.append(make("p", { class: "more" }, `${count(missing, "more cancellable")}, never cancelled, with a handler at most`));
    panel.append(list);
  },
};
